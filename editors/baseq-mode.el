;;; baseq-mode.el --- Questions of genomic and clinical data  -*- lexical-binding: t -*-

;; Load this file, open a `.bq' file, and say `M-x eglot'.

;;; Code:

(require 'cl-lib)
(require 'project)

(define-derived-mode baseq-mode prog-mode "baseq"
  "For `.bq' files."
  (setq-local comment-start "-- ")
  (setq-local comment-start-skip "--+\\s-*"))

(modify-syntax-entry ?- ". 12" baseq-mode-syntax-table)
(modify-syntax-entry ?\n ">" baseq-mode-syntax-table)
(modify-syntax-entry ?_ "w" baseq-mode-syntax-table)

(add-to-list 'auto-mode-alist '("\\.bq\\'" . baseq-mode))

;; A project is the folder with `baseq.toml', whatever keeps its versions.
(defun baseq-project (folder)
  "The project around FOLDER."
  (let ((root (locate-dominating-file folder "baseq.toml")))
    (and root (cons 'baseq root))))

(cl-defmethod project-root ((project (head baseq)))
  "The folder of PROJECT."
  (cdr project))

(add-hook 'project-find-functions #'baseq-project)

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '(baseq-mode . ("baseq" "lsp"))))

(provide 'baseq-mode)
;;; baseq-mode.el ends here
