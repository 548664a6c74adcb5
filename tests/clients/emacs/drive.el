;;; drive.el --- Emacs with eglot and no window, set up by editors/baseq-mode.el  -*- lexical-binding: t -*-
;;; Code:
(require 'eglot)
(setq eglot-confirm-server-initiated-edits nil
      eglot-connect-timeout 60
      eglot-sync-connect 60
      make-backup-files nil
      create-lockfiles nil)

(defun drive-check (holds what)
  "Say WHAT when it HOLDS, else end."
  (unless holds
    (message "failed: %s" what)
    (kill-emacs 1))
  (princ (format "  ok %s\n" what) #'external-debugging-output))

(defun drive-wait (what holds)
  "Wait until HOLDS gives something, for at most half a minute; WHAT is what."
  (let ((end (time-add nil 30)))
    (while (and (not (funcall holds)) (time-less-p nil end))
      (accept-process-output nil 0.1))
    (drive-check (funcall holds) what)))

(find-file (getenv "BASEQ_FILE"))
(drive-check (eq major-mode 'baseq-mode) "the file is a program")
(apply #'eglot (eglot--guess-contact))
(drive-check (eglot-current-server) "a server")
(flymake-mode 1)
(flymake-start)
(drive-wait "a diagnostic" (lambda () (flymake-diagnostics)))
(let ((wrong (car (flymake-diagnostics))))
  (drive-check (string-match-p "sxe" (flymake-diagnostic-text wrong)) "it names the word")
  (goto-char (flymake-diagnostic-beg wrong))
  (drive-check (looking-at "sxe") "it stands at the word"))
(delete-char 3)
(insert "sex")
(eglot--signal-textDocument/didChange)
(drive-wait "no diagnostic" (lambda () (flymake-start) (null (flymake-diagnostics))))
(let ((hover (jsonrpc-request (eglot--current-server-or-lose) :textDocument/hover (eglot--TextDocumentPositionParams))))
  (drive-check (string-match-p "quasi" (plist-get (plist-get hover :contents) :value)) "hover"))
(let* ((offered (funcall (nth 2 (eglot-completion-at-point)) "" nil t)))
  (drive-check (cl-some (lambda (it) (string= "sex" (substring-no-properties it))) offered) "completion of a column"))
(goto-char (point-min))
(search-forward "from ")
;; It asks before it changes other files; the person says yes.
(cl-letf (((symbol-function 'y-or-n-p) (lambda (&rest _) t)))
  (eglot-rename "grown_ups"))
(drive-check (save-excursion (goto-char (point-min)) (search-forward "from grown_ups" nil t)) "a new name here")
(with-current-buffer (find-file-noselect (expand-file-name "library.bq"))
  (drive-check (save-excursion (goto-char (point-min)) (search-forward "cohort grown_ups" nil t)) "and in the other file"))
(goto-char (point-min))
(search-forward "  show")
(replace-match "       show")
(eglot-format-buffer)
(drive-check (save-excursion (goto-char (point-min)) (search-forward "\n  show people" nil t)) "the layout")
(let ((kill-buffer-query-functions nil))
  (set-buffer-modified-p nil)
  (kill-emacs 0))
;;; drive.el ends here
