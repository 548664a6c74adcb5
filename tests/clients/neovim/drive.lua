-- Neovim without a window, set up by editors/neovim.lua: what a person sees and does in a program with a mistake.
local function check(holds, what)
  if not holds then
    io.stderr:write("failed: " .. what .. "\n")
    vim.cmd("cquit 1")
  end
  io.stdout:write("  ok " .. what .. "\n")
end

local function wait(what, holds)
  check(vim.wait(30000, holds, 100), what)
end

local buffer = vim.api.nvim_get_current_buf()
local function ask(method, line, column, more)
  local params = { textDocument = { uri = vim.uri_from_bufnr(buffer) }, position = { line = line, character = column } }
  for key, value in pairs(more or {}) do
    params[key] = value
  end
  local answers = vim.lsp.buf_request_sync(buffer, method, params, 30000)
  for _, answer in pairs(answers or {}) do
    return answer.result
  end
end

check(vim.bo.filetype == "bq", "the file is a program")
wait("a server", function()
  return #vim.lsp.buf_get_clients(buffer) > 0 or next(vim.lsp.buf_get_clients(buffer)) ~= nil
end)
wait("a diagnostic", function()
  return #vim.diagnostic.get(buffer) == 1
end)
local wrong = vim.diagnostic.get(buffer)[1]
check(wrong.message:find("sxe") and wrong.lnum == 7 and wrong.col == 11, "the diagnostic stands at the name")

-- The repair, written by hand: the change goes to the server as a person types it.
vim.api.nvim_buf_set_text(buffer, 7, 11, 7, 14, { "sex" })
wait("no diagnostic", function()
  return #vim.diagnostic.get(buffer) == 0
end)
local hover = ask("textDocument/hover", 7, 12)
check(hover and hover.contents.value:find("quasi"), "hover")
local found = ask("textDocument/completion", 7, 13)
local labels = {}
for _, item in ipairs(found.items) do
  labels[item.label] = true
end
check(labels.sex, "completion of a column")
local edit = ask("textDocument/rename", 6, 8, { newName = "grown_ups" })
local files = 0
for _ in pairs(edit.changes) do
  files = files + 1
end
check(files == 2, "a new name in two files")
vim.lsp.util.apply_workspace_edit(edit, "utf-16")
check(vim.api.nvim_buf_get_lines(buffer, 6, 7, false)[1] == "  from grown_ups", "the new name is written")
vim.api.nvim_buf_set_lines(buffer, 8, 9, false, { "      show   people = count(subjects)" })
local layout = ask("textDocument/formatting", 0, 0, { options = { tabSize = 2, insertSpaces = true } })
vim.lsp.util.apply_text_edits(layout, buffer, "utf-16")
check(vim.api.nvim_buf_get_lines(buffer, 8, 9, false)[1] == "  show people = count(subjects)", "the layout")
vim.cmd("qall!")
