;;; baseq-mode.el --- Questions of genomic and clinical data  -*- lexical-binding: t -*-

;; Load this file, open a `.bq' file, and say `M-x eglot'.

;;; Code:

(define-derived-mode baseq-mode prog-mode "baseq"
  "For `.bq' files."
  (setq-local comment-start "-- ")
  (setq-local comment-start-skip "--+\\s-*"))

(modify-syntax-entry ?- ". 12" baseq-mode-syntax-table)
(modify-syntax-entry ?\n ">" baseq-mode-syntax-table)
(modify-syntax-entry ?_ "w" baseq-mode-syntax-table)

(add-to-list 'auto-mode-alist '("\\.bq\\'" . baseq-mode))

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '(baseq-mode . ("baseq" "lsp"))))

(provide 'baseq-mode)
;;; baseq-mode.el ends here
