# Prompts from real pipelines: Get-ChildItem, CSV, Select-Object -First, -Parallel, jobs.

Describe 'Invoke-KiroPrompt in a pipeline' {
    BeforeAll {
        . (Join-Path $PSScriptRoot Support.ps1)
        Import-Module $Manifest.FullName
        $log = Join-Path $TestDrive agents.jsonl
        $pool = Start-SimulatorPool @{ log = $log; turnMs = 20 } @{ MaxSize = 3 }
        $files = New-Item -ItemType Directory (Join-Path $TestDrive files)
        'What is a pool?' > (Join-Path $files one.md)
        'What is warm?' > (Join-Path $files two.md)
    }

    AfterAll {
        Stop-KiroPool -Force
        Remove-Module KiroPool
        Get-LivingAgent $log | Should -BeNullOrEmpty
    }

    It 'takes files as prompts' {
        $results = Get-ChildItem $files/*.md | Sort-Object Name | Invoke-KiroPrompt -Ordered
        $results.Text.TrimEnd() | Should -Be 'You said: What is a pool?', 'You said: What is warm?'
        $results.InputObject.Name | Should -Be 'one.md', 'two.md'
    }

    It 'attaches files to a prompt' {
        $result = Get-Item $files/one.md | Invoke-KiroPrompt 'Summarise'
        $result.Text | Should -BeLike 'You said: Summarise*Linked: one.md (*'
    }

    It 'makes prompts with a delay-bound script block' {
        (Get-ChildItem $files/*.md | Sort-Object Name | Invoke-KiroPrompt -Prompt { "Who wrote $($_.Name)?" } -Ordered).Prompt |
            Should -Be 'Who wrote one.md?', 'Who wrote two.md?'
    }

    It 'takes prompts by property name from a CSV' {
        $csv = Join-Path $TestDrive prompts.csv
        'Prompt,Owner', 'first,me', 'second,you' > $csv
        $results = Import-Csv $csv | Invoke-KiroPrompt -Ordered
        $results.Prompt | Should -Be 'first', 'second'
        $results.InputObject.Owner | Should -Be 'me', 'you'
    }

    It 'keeps the order with -Ordered' {
        $results = 1..12 | ForEach-Object { "[[sleep $(60 - 5 * $_)]]" } | Invoke-KiroPrompt -Ordered
        $results.Index | Should -Be (0..11)
    }

    It 'gives one record per input, results and errors together' {
        $results = 'a', 'b [[error no]]', 'c', 'd [[crash]]' | Invoke-KiroPrompt -ErrorVariable errors -ErrorAction SilentlyContinue
        $results | Should -HaveCount 2
        $errors | Should -HaveCount 2
        $errors.TargetObject | Sort-Object | Should -Be 'b [[error no]]', 'd [[crash]]'
        $errors.FullyQualifiedErrorId | Sort-Object | Should -Be 'AgentDied,KiroPool.Commands.InvokeKiroPromptCommand', 'AgentError,KiroPool.Commands.InvokeKiroPromptCommand'
        $errors.Exception.Result.Outcome | Sort-Object | Should -Be 'Failed', 'Indeterminate'
    }

    It 'cancels the other prompts at Select-Object -First' {
        $before = @(Get-AgentLog $log prompt).Count
        1..50 | ForEach-Object { "n$_ [[sleep 200]]" } | Invoke-KiroPrompt | Select-Object -First 1 | Should -HaveCount 1
        Wait-Until { (Get-KiroPoolStats).ActiveCount -eq 0 } | Should -BeTrue
        @(Get-AgentLog $log prompt).Count - $before | Should -BeLessOrEqual 6
        (Invoke-KiroPrompt 'afterwards').Outcome | Should -Be 'Completed'
    }

    It 'cancels the other prompts at -ErrorAction Stop' {
        { 'x [[error no]]', 'y [[sleep 500]]' | Invoke-KiroPrompt -ErrorAction Stop } | Should -Throw -ErrorId 'AgentError,KiroPool.Commands.InvokeKiroPromptCommand'
    }

    It 'shares a pool with ForEach-Object -Parallel' {
        $module = $Manifest.FullName
        $texts = 1..20 | ForEach-Object -ThrottleLimit 4 -Parallel { Import-Module $using:module; (Invoke-KiroPrompt "p$_" -Pool $using:pool).Text }
        $texts | Sort-Object { [int]($_ -replace '\D') } | Should -Be (1..20 | ForEach-Object { "You said: p$_" })
        (Get-KiroPoolStats).Processes.Count | Should -BeLessOrEqual 3
    }

    It 'shows how to share a pool in the error for a missing one' {
        $module = $Manifest.FullName
        $id = 1 | ForEach-Object -Parallel {
            Import-Module $using:module
            try { Invoke-KiroPrompt 'p' } catch { $_.FullyQualifiedErrorId; $_.Exception.Message }
        }
        $id[0] | Should -Be 'PoolNotStarted,KiroPool.Commands.InvokeKiroPromptCommand'
        $id[1] | Should -BeLike '*-Pool $using:pool*'
    }

    It 'keeps its values through a job' {
        $module, $program = $Manifest.FullName, $Simulator.FullName
        $result = Start-Job {
            Import-Module $using:module
            $null = Start-KiroPool -FilePath $using:program
            Invoke-KiroPrompt 'from a job [[tool read]]'
            Stop-KiroPool
        } | Receive-Job -Wait -AutoRemoveJob
        $result.Text | Should -BeLike 'You said: from a job*'
        $result.Outcome | Should -Be 'Completed'
        $result.ToolCalls[0].Kind | Should -Be 'read'
        ($result | Out-String) | Should -BeLike '*#0*You said: from a job*'
    }
}
