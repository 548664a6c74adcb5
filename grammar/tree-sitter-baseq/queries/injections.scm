; Comments are prose. The common name `comment` lets editors mark TODO and addresses in them.
((comment) @injection.content
  (#set! injection.language "comment"))

((doc_comment) @injection.content
  (#set! injection.language "comment"))
