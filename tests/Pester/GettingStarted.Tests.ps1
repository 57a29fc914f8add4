# Runs the examples of docs/getting-started.md in one new shell, as a reader types them. The simulator stands in for kiro-cli.

Describe 'Getting started' {
    BeforeAll {
        . (Join-Path $PSScriptRoot Support.ps1)
        $path, $modulePath = $env:PATH, $env:PSModulePath
        $bin = New-Item -ItemType Directory (Join-Path $TestDrive bin)
        $null = New-KiroCli $bin
        $env:PATH = $bin.FullName + [IO.Path]::PathSeparator + $env:PATH
        $env:PSModulePath = (Join-Path $Repository out) + [IO.Path]::PathSeparator + $env:PSModulePath
        $work = New-Item -ItemType Directory (Join-Path $TestDrive work)
        'Notes' > (Join-Path $work notes.md)
        Push-Location $work
    }

    AfterAll {
        Pop-Location
        $env:PATH, $env:PSModulePath = $path, $modulePath
    }

    It 'works line by line in one shell' {
        $page = Get-Content (Join-Path $Repository docs getting-started.md) -Raw
        $examples = [regex]::Matches($page, '(?ms)^```powershell\r?\n(.*?)^```') | ForEach-Object { $_.Groups[1].Value }
        Set-Content all.ps1 ('$PSStyle.OutputRendering = "PlainText"', $examples)
        $output = & $Pwsh @PwshArguments -File all.ps1 2>&1
        $output | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | Should -BeNullOrEmpty
        $text = $output | Out-String
        $text | Should -BeLike '*You said: Say hello*You said: What is a*'
        $text | Should -BeLike '*notes.md*You said: Summarise*'
        $text | Should -BeLike '*6 completed, 0 failed*'
        $text | Should -BeLike '*PromptEmpty,*: Give a prompt that is not blank*'
    }
}
