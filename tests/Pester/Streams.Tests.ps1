# All streams, all ways to end early, and the limits of the engine.

Describe 'Streams of Invoke-KiroPrompt' {
    BeforeAll {
        . (Join-Path $PSScriptRoot Support.ps1)
        Import-Module $Manifest.FullName
        $log = Join-Path $TestDrive agents.jsonl
        $pool = Start-SimulatorPool @{ log = $log; turnMs = 20 } @{ MaxSize = 3; MinSize = 3; MaxStarting = 3 }
        $null = Wait-Until { (Get-KiroPoolStats).IdleCount -eq 3 }
    }

    AfterAll {
        Stop-KiroPool -Force
        Remove-Module KiroPool
    }

    It 'can be redirected one by one' {
        # -Debug alone makes the engine ask at each warning.
        $all = 'good', '[[error no]]', '[[permission execute]]' | Invoke-KiroPrompt -Verbose -Debug -WarningAction Continue -ErrorAction Continue *>&1
        $all | Where-Object { $_ -is [KiroPool.PromptResult] } | Should -HaveCount 2
        $all | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | Should -HaveCount 1
        ($all | Where-Object { $_ -is [System.Management.Automation.WarningRecord] }).Message | Should -BeLike '*tools were rejected*'
        $all | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] } | Should -Not -BeNullOrEmpty
        $all | Where-Object { $_ -is [System.Management.Automation.DebugRecord] } | Should -Not -BeNullOrEmpty
        ($all | Where-Object { $_ -is [System.Management.Automation.InformationRecord] }).Tags | Should -Contain 'Summary'
    }

    It 'honours the common parameters' {
        $null = '[[permission execute]]', '[[error no]]' | Invoke-KiroPrompt -WarningVariable warnings -WarningAction SilentlyContinue -ErrorVariable errors -ErrorAction SilentlyContinue -OutVariable results -InformationVariable said -OutBuffer 2
        $warnings | Should -HaveCount 1
        $errors | Should -HaveCount 1
        $results | Should -HaveCount 1
        $said.MessageData.Failed | Should -Be 1
        1..3 | Invoke-KiroPrompt -PipelineVariable answer -Ordered | ForEach-Object { $answer.Prompt } | Should -Be '1', '2', '3'
    }

    It 'streams updates before each result' {
        $all = @('abc' | Invoke-KiroPrompt -Stream)
        $all[-1] | Should -BeOfType KiroPool.PromptResult
        $all[0..($all.Count - 2)] | Should -BeOfType KiroPool.PromptUpdate
        -join ($all | Where-Object { $_ -is [KiroPool.PromptUpdate] -and $_.Kind -eq 'Text' }).Text | Should -Be $all[-1].Text
    }

    It 'ends the batch after MaxFailures' {
        $failures = @()
        { 1..30 | ForEach-Object { "$_ [[error no]]" } | Invoke-KiroPrompt -MaxFailures 2 -ErrorAction SilentlyContinue -ErrorVariable +failures } | Should -Throw -ErrorId 'TooManyFailures,*'
        (Invoke-KiroPrompt 'afterwards').Outcome | Should -Be 'Completed'
    }

    It 'ends at PowerShell.Stop and leaves the agents warm' {
        $before = (Get-KiroPoolStats).Processes.ProcessId | Sort-Object
        $shell = [powershell]::Create()
        $null = $shell.AddScript('param($m, $pool) Import-Module $m; 1..50 | ForEach-Object { "s$_ [[sleep 5000]]" } | Invoke-KiroPrompt -Pool $pool').AddArgument($Manifest.FullName).AddArgument($pool)
        $running = $shell.BeginInvoke()
        Wait-Until { (Get-KiroPoolStats).ActiveCount -eq 3 } | Should -BeTrue
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $shell.Stop()
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 4 -Because 'the prompts take longer, and the stop does not wait for them'
        Wait-Until { (Get-KiroPoolStats).IdleCount -eq 3 } | Should -BeTrue
        (Get-KiroPoolStats).Processes.ProcessId | Sort-Object | Should -Be $before
        (Get-KiroPoolStats).WaitingCount | Should -Be 0
        $shell.Dispose()
    }

    It 'shares the pool with thread jobs' {
        $module = $Manifest.FullName
        $job = Start-ThreadJob { Import-Module $using:module; 1..5 | Invoke-KiroPrompt -Pool $using:pool }
        ($job | Receive-Job -Wait -AutoRemoveJob).Text | Sort-Object | Should -Be (1..5 | ForEach-Object { "You said: $_" })
        $pool.State | Should -Be 'Running'
    }

    # Behaviour of the PowerShell engine that no cmdlet can change. If one of these fails, about_KiroPool is out of date.
    Context 'Known limits' {
        It 'writes no result while the command before it is busy' {
            $clock = [Diagnostics.Stopwatch]::StartNew()
            $times = & { 'a'; Start-Sleep -Milliseconds 800; 'b' } | Invoke-KiroPrompt -Ordered | ForEach-Object { $clock.ElapsedMilliseconds }
            $times[0] | Should -BeGreaterThan 780 -Because 'a cmdlet runs only when it gets input'
        }

        It 'sees the newest input in the -PipelineVariable of an earlier command' {
            $seen = 1..3 | ForEach-Object -PipelineVariable number { $_ } | ForEach-Object { "$_ [[sleep 100]]" } | Invoke-KiroPrompt -Ordered | ForEach-Object { $number }
            $seen | Should -Be 3, 3, 3 -Because 'the results come later; InputObject tells which input each belongs to'
        }
    }
}
