-- For Neovim 0.7 and later: put this file in `plugin/` of your configuration.
vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
  pattern = "*.bq",
  callback = function()
    vim.bo.filetype = "bq"
  end,
})

vim.api.nvim_create_autocmd("FileType", {
  pattern = "bq",
  callback = function(opened)
    vim.bo[opened.buf].commentstring = "-- %s"
    local marks = vim.fs and vim.fs.find("baseq.toml", { upward = true, path = vim.fn.expand("%:p:h") })
      or { vim.fn.findfile("baseq.toml", vim.fn.expand("%:p:h") .. ";") }
    local root = marks[1] and vim.fn.fnamemodify(marks[1], ":p:h") or vim.fn.getcwd()
    local settings = { name = "baseq", cmd = { "baseq", "lsp" }, root_dir = root }
    if vim.lsp.start then
      vim.lsp.start(settings)
      return
    end
    -- Before 0.8 one server per project is kept by hand.
    _G.baseq_servers = _G.baseq_servers or {}
    _G.baseq_servers[root] = _G.baseq_servers[root] or vim.lsp.start_client(settings)
    vim.lsp.buf_attach_client(opened.buf, _G.baseq_servers[root])
  end,
})
