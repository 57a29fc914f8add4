# Prompts and their input from common cmdlets: files, CSV, JSON, objects.

Describe 'Input of Invoke-KiroPrompt' {
    BeforeAll {
        . (Join-Path $PSScriptRoot Support.ps1)
        Import-Module $Manifest.FullName
        $log = Join-Path $TestDrive agents.jsonl
        $null = Start-SimulatorPool @{ log = $log } @{ MaxSize = 3 }
        $files = New-Item -ItemType Directory (Join-Path $TestDrive files)
        Set-Content (Join-Path $files one.md) 'What is a pool?' -NoNewline
        Set-Content (Join-Path $files two.md) 'What is warm?' -NoNewline
        [IO.File]::WriteAllText((Join-Path $files '[x].md'), 'What is a bracket?')
        [IO.File]::WriteAllBytes((Join-Path $files shot.png), [byte[]](1..9))
        Push-Location $files
    }

    AfterAll {
        Pop-Location
        Stop-KiroPool -Force
        Remove-Module KiroPool
    }

    It 'takes objects as JSON' {
        (Get-Item one.md | Select-Object Name, Length | Invoke-KiroPrompt 'Explain').Text |
            Should -Be "You said: Explain`n`n{`"Name`":`"one.md`",`"Length`":15}"
        (, @{ a = @{ b = @{ c = 1 } } } | Invoke-KiroPrompt 'Explain').Text | Should -BeLike '*{"a":{"b":{"c":1}}}'
    }

    It 'sends the rows of a CSV as JSON with a prompt' {
        'Name,Owner', 'pool,me' > prompts.csv
        (Import-Csv prompts.csv | Invoke-KiroPrompt 'Explain').Text | Should -BeLike '*{"Name":"pool","Owner":"me"}'
    }

    It 'takes paths with wildcards, relative to the location' {
        (Invoke-KiroPrompt -Path ?*.md -Ordered).Prompt | Sort-Object | Should -Be 'What is a bracket?', 'What is a pool?', 'What is warm?'
        (Invoke-KiroPrompt -LiteralPath '[x].md').Prompt | Should -Be 'What is a bracket?'
        (Invoke-KiroPrompt 'Review' -LiteralPath '[x].md').Text | Should -Be "You said: Review`nLinked: [x].md (18 bytes)"
    }

    It 'does not treat lines of Get-Content as paths' {
        (Get-Content one.md | Invoke-KiroPrompt 'Answer').Text | Should -Be "You said: Answer`n`nWhat is a pool?"
    }

    It 'sends images, links and texts as requested' {
        (Get-Item shot.png | Invoke-KiroPrompt 'Describe').Text | Should -BeLike '*Image: image/png, 9 bytes'
        (Get-Item one.md | Invoke-KiroPrompt 'Answer' -Embed).Text | Should -BeLike '*one.md:*What is a pool?'
        (Invoke-KiroPrompt 'Answer' -Attachment *.md, shot.png).Text | Should -BeLike '*Linked: one.md*Linked: two.md*Image: image/png*'
    }

    It 'joins everything with -Collect' {
        $result = Get-Content one.md, two.md | Invoke-KiroPrompt 'Answer all' -Collect
        $result.Text | Should -Be "You said: Answer all`n`nWhat is a pool?`nWhat is warm?"
        @($result.InputObject).Count | Should -Be 2
        (Get-ChildItem *.md | Invoke-KiroPrompt 'Compare' -Collect).Text | Should -BeLike '*Linked: one.md*Linked: two.md*'
    }

    It 'chains prompts, also through a job and a file' {
        (Invoke-KiroPrompt 'one' | Invoke-KiroPrompt 'Improve').Text | Should -Be "You said: Improve`n`nYou said: one"
        Invoke-KiroPrompt 'one' | Export-Clixml result.xml
        (Import-Clixml result.xml | Invoke-KiroPrompt 'Improve').Text | Should -Be "You said: Improve`n`nYou said: one"
        { Import-Clixml result.xml | Invoke-KiroPrompt -ErrorAction Stop } | Should -Throw -ErrorId 'PromptMissing,*'
    }

    It 'does not change the piped file object' {
        $file = Get-Item one.md
        $null = $file | Invoke-KiroPrompt 'Answer'
        $file.PSObject.TypeNames[0] | Should -Be 'System.IO.FileInfo'
    }
}
