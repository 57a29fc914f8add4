# Batches that are interrupted by SIGKILL and similar events, and resumed from their journal.

Describe 'The journal of Invoke-KiroPrompt' {
    BeforeAll {
        . (Join-Path $PSScriptRoot Support.ps1)

        # The script that works on the batch.
        function Set-Batch([string] $Options = '', [int] $TurnMs = 100, [string] $AgentLog = $log) {
            $settings = (Get-SimulatorEnvironment @{ log = $AgentLog; turnMs = $TurnMs; answerBytes = 2000 }).KIROPOOL_SIMULATOR
            Set-Content batch.ps1 @"
`$ErrorActionPreference = 'Stop'
Import-Module '$($Manifest.FullName)'
`$null = Start-KiroPool -FilePath '$($Simulator.FullName)' -MaxSize 3 -Environment @{ KIROPOOL_SIMULATOR = '$settings' }
1..30 | ForEach-Object { "item `$_." } | Invoke-KiroPrompt -JournalPath batch.jsonl $Options |
    ForEach-Object { "`$(`$_.Index) `$(`$_.FromJournal) `$(`$_.Prompt)" }
"@
        }

        # Starts a pwsh that runs the script and returns it at once. The caller waits or kills.
        function Start-Batch([string] $Options = '', [int] $TurnMs = 100) {
            Set-Batch $Options $TurnMs
            $start = @{ FilePath = $Pwsh; ArgumentList = $PwshArguments + '-File', 'batch.ps1' }
            Start-Process @start -PassThru -NoNewWindow -RedirectStandardOutput output.txt -RedirectStandardError errors.txt
        }

        # The complete outcomes.
        function Get-Journalled {
            if (Test-Path batch.jsonl) { @(Get-Content batch.jsonl -Raw | ForEach-Object { $_ -split "`n" } | Where-Object { $_ -like '*}' } | Select-Object -Skip 1 | ConvertFrom-Json) }
        }
    }

    BeforeEach {
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))
        Push-Location $folder
        $log = Join-Path $folder agents.jsonl
    }

    AfterEach {
        Pop-Location
        $null = Wait-Until { -not (Get-LivingAgent $log) }
        Get-LivingAgent $log | Should -BeNullOrEmpty
    }

    It 'completes a batch whose process was killed, and repeats no recorded prompt' {
        $batch = Start-Batch -TurnMs 600
        # File locks are advisory here, so the prompts are counted in the agents' log instead.
        Wait-Until { @(Get-AgentLog $log turn-end).Count -ge 8 } -Seconds 60 | Should -BeTrue
        Stop-Process -Id $batch.Id -Force
        $batch.WaitForExit()

        $written = Get-Journalled
        $written.Count | Should -BeGreaterThan 4
        $written.Count | Should -BeLessThan 30
        $written.result.outcome | Sort-Object -Unique | Should -Be 'Completed'
        $before = @(Get-AgentLog $log prompt).Count

        (Start-Batch '-Resume').WaitForExit()
        Get-Content errors.txt | Should -BeNullOrEmpty
        $lines = Get-Content output.txt
        $lines | ForEach-Object { [int]($_ -split ' ')[0] } | Sort-Object | Should -Be (0..29)
        @($lines -like '* True *').Count | Should -Be $written.Count

        # Recorded prompts were not repeated; the others ran once more.
        @(Get-AgentLog $log prompt).Count - $before | Should -Be (30 - $written.Count)
        (Get-Journalled).result.prompt | Sort-Object -Unique | Should -HaveCount 30
        @(Get-Journalled).Count | Should -Be 30
    }

    It 'drops an incomplete last line' {
        (Start-Batch -TurnMs 0).WaitForExit()
        $whole = [IO.File]::ReadAllBytes("$folder/batch.jsonl")
        [IO.File]::WriteAllBytes("$folder/batch.jsonl", $whole[0..($whole.Length - 100)])
        (Start-Batch '-Resume' -TurnMs 0).WaitForExit()
        @((Get-Content output.txt) -like '* True *').Count | Should -Be 29
        @(Get-AgentLog $log prompt).Count | Should -Be 31
        [IO.File]::ReadAllBytes("$folder/batch.jsonl").Length | Should -BeGreaterThan ($whole.Length - 100)
    }

    It 'refuses to overwrite a journal, and names -Resume' {
        (Start-Batch -TurnMs 0).WaitForExit()
        $before = Get-FileHash batch.jsonl
        $again = Start-Batch -TurnMs 0
        $again.WaitForExit()
        $again.ExitCode | Should -Be 1
        Get-Content errors.txt -Raw | Should -BeLike '*-Resume*'
        (Get-FileHash batch.jsonl).Hash | Should -Be $before.Hash
    }

    It 'refuses a second writer from another process' {
        $batch = Start-Batch -TurnMs 60000
        try {
            Wait-Until { @(Get-AgentLog $log prompt).Count -ge 1 } -Seconds 60 | Should -BeTrue
            $errors = Invoke-Pwsh "try { 'x' | Invoke-KiroPrompt -JournalPath batch.jsonl -Resume -Pool (Start-KiroPool -FilePath '$($Simulator.FullName)' -MinSize 0) } catch { `$_.FullyQualifiedErrorId }"
            $errors | Should -Be 'JournalInUse,KiroPool.Commands.InvokeKiroPromptCommand'
        }
        finally {
            $batch.Kill()
            $batch.WaitForExit()
        }
    }

    It 'is readable only by its owner' {
        if ($IsWindows) { Set-ItResult -Skipped -Because 'file modes exist only on Unix' }
        (Start-Batch -TurnMs 0).WaitForExit()
        (Get-Item batch.jsonl).UnixMode | Should -Be '-rw-------'
    }

    It 'loses no outcome when the disk becomes full during the batch' {
        if (-not $IsLinux) { Set-ItResult -Skipped -Because 'only Linux has this limit on the size of files' }
        # A limit on the size of files replaces a full disk. (By default .NET keeps its code in a file; that is turned off.)
        Set-Batch -TurnMs 0 -AgentLog /dev/null
        $output = sh -c "trap '' XFSZ; ulimit -f 40; export DOTNET_EnableWriteXorExecute=0; exec '$Pwsh' $($PwshArguments.ForEach{ "'$_'" }) -File batch.ps1" 2>&1 | Out-String
        $output | Should -BeLike '*batch.jsonl*could not be written*'

        $written = Get-Journalled
        $written.Count | Should -BeGreaterThan 3
        $written.Count | Should -BeLessThan 30
        (Get-Item batch.jsonl).Length | Should -BeLessOrEqual (40 * 512)
        @($output -split '\r?\n' -match '^\d+ False item').Count | Should -BeGreaterOrEqual $written.Count -Because 'the result that could not be written is still shown'

        (Start-Batch '-Resume' -TurnMs 0).WaitForExit()
        @(Get-Content output.txt).Count | Should -Be 30
        @(Get-AgentLog $log prompt).Count | Should -Be (30 - $written.Count)
    }
}
