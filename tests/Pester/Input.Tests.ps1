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

    It 'sends errors as their message, id, category and position' {
        $text = (& { try { Get-Item ./nowhere -ErrorAction Stop } catch { $_ } } | Invoke-KiroPrompt 'Explain').Text
        $text | Should -BeLike '*Cannot find path*PathNotFound,*ObjectNotFound*Get-Item ./nowhere*'
        $text.Length | Should -BeLessThan 5000
    }

    It 'sends the lines of a native command that writes to stderr' {
        if ($IsWindows) { Set-ItResult -Skipped -Because 'the native command is a shell of Unix' }
        (sh -c 'echo one 1>&2; echo two 1>&2' 2>&1 | Invoke-KiroPrompt 'Explain' -Ordered).Text |
            Should -Be "You said: Explain`n`none", "You said: Explain`n`ntwo"
    }

    It 'sends <Name> as PowerShell shows it' -ForEach @(
        @{ Name = 'a location'; Make = { Get-Location }; Like = '*"Path":*' }
        @{ Name = 'an alias'; Make = { Get-Alias gci }; Like = '*gci -> Get-ChildItem*' }
        @{ Name = 'a process'; Make = { Get-Process -Id $PID }; Like = "*`"Id`":$PID*" }
        @{ Name = 'a type'; Make = { [string] }; Like = '*"Name":"String"*' }
        @{ Name = 'XML'; Make = { [xml]'<a><b>c</b></a>' }; Like = '*<a><b>c</b></a>' }
        @{ Name = 'an address'; Make = { [ipaddress]'10.0.0.1' }; Like = '*10.0.0.1' }
        @{ Name = 'a table'; Make = { [pscustomobject]@{ A = 1; B = 2 } | Format-Table }; Like = "*A B`n- -`n1 2" }
        @{ Name = 'help'; Make = { Get-Help Get-Item }; Like = '*NAME*Get-Item*SYNTAX*' }
        @{ Name = 'a credential'; Make = { [pscredential]::new('me', [Net.NetworkCredential]::new('', 'hunter2').SecurePassword) }; Like = '*"UserName":"me"*' }
    ) {
        $text = (& $Make | Invoke-KiroPrompt 'Explain').Text
        $text | Should -BeLike $Like
        $text | Should -Not -BeLike '*hunter2*'
        $text.Length | Should -BeLessThan 20000
    }

    It 'refuses an object that is too large, with its size and the remedy' {
        { [pscustomobject]@{ Text = 'x' * 300000 } | Invoke-KiroPrompt 'Explain' -ErrorAction Stop } |
            Should -Throw -ErrorId 'InputTooLarge,*' -ExpectedMessage '*300,011 bytes*262,144*Select-Object*'
    }

    It 'skips blank lines' {
        (@('', 'x', $null) | Invoke-KiroPrompt 'Explain').Text | Should -Be "You said: Explain`n`nx"
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
