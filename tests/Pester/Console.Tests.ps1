# The screens of docs/console.md, typed again into a real console.

Describe 'A conversation in a console' {
    It 'shows a sign of life while nothing comes' {
        if (-not (Get-Command tmux -ErrorAction Ignore)) { Set-ItResult -Skipped -Because 'there is no tmux on PATH' }
        . (Join-Path $PSScriptRoot Support.ps1)
        $socket = "kiropool-life-$PID"
        $start = Join-Path $TestDrive start.ps1
        @"
`$env:PATH = '$((New-KiroCli $TestDrive).DirectoryName)' + [IO.Path]::PathSeparator + `$env:PATH
Import-Module '$($Manifest.FullName)'
Enter-KiroSession -Prompt '[[hang]]'
"@ | Set-Content $start
        try {
            tmux -L $socket -f /dev/null new-session -d -s life -x 80 -y 20 "$((@($Pwsh) + $PwshArguments -ne '-NonInteractive').ForEach{ "'$_'" }) -NoExit -File '$start'"
            Wait-Until { (tmux -L $socket capture-pane -t life -p) -match 'thinking [1-9]\d* s' } 60 | Should -BeTrue
            tmux -L $socket send-keys -t life C-c
            Wait-Until { (tmux -L $socket capture-pane -t life -p) -match '^Cancelled\. The conversation goes on\.' } | Should -BeTrue
            (tmux -L $socket capture-pane -t life -p) -match 'thinking' | Should -BeNullOrEmpty
        }
        finally { tmux -L $socket kill-server 2>$null }
    }
}

Describe 'docs/console.md' {
    It 'shows what a console shows' {
        if (-not (Get-Command tmux -ErrorAction Ignore)) { Set-ItResult -Skipped -Because 'there is no tmux on PATH' }
        $different = & (Join-Path $PSScriptRoot .. Update-ConsolePage.ps1) -Check
        $different | ForEach-Object { "After '$($_.Typed)' the page has`n$($_.Page)`nand the screen`n$($_.Screen)" } | Should -BeNullOrEmpty
    }
}
