# The screens of docs/console.md, typed again into a real console.

Describe 'docs/console.md' {
    It 'shows what a console shows' {
        if (-not (Get-Command tmux -ErrorAction Ignore)) { Set-ItResult -Skipped -Because 'there is no tmux on PATH' }
        $different = & (Join-Path $PSScriptRoot .. Update-ConsolePage.ps1) -Check
        $different | ForEach-Object { "After '$($_.Typed)' the page has`n$($_.Page)`nand the screen`n$($_.Screen)" } | Should -BeNullOrEmpty
    }
}
