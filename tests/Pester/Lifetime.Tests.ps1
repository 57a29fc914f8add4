# A pool ends with Stop-KiroPool, Remove-Module, its runspace or the process, whichever comes first, and leaves no process.

Describe 'The life of a pool' {
    BeforeAll { . (Join-Path $PSScriptRoot Support.ps1) }

    BeforeEach {
        Import-Module $Manifest.FullName
        $log = Join-Path $TestDrive "$([guid]::NewGuid()).jsonl"
        $start = "`$null = Start-KiroPool -FilePath '$($Simulator.FullName)' -MinSize 2 -MaxStarting 2 -Environment @{ KIROPOOL_SIMULATOR = '$(ConvertTo-Json @{ log = $log } -Compress)' }; `$null = 1..4 | Invoke-KiroPrompt;"
    }

    AfterEach {
        if (Get-Module KiroPool) {
            Stop-KiroPool -Force
            Remove-Module KiroPool
        }
        Get-LivingAgent $log | Should -BeNullOrEmpty
    }

    It 'does not start with the import of the module' {
        $output = Invoke-Pwsh '(Get-Module KiroPool).ExportedCmdlets.Count; @(Get-Process kiro-cli* -ErrorAction Ignore | Where-Object { $_.Parent.Id -eq $PID }).Count'
        $output | Should -Be '12', '0'
    }

    It 'ends with Stop-KiroPool' {
        $null = Start-SimulatorPool @{ log = $log } @{ MinSize = 2 }
        $null = 1..4 | Invoke-KiroPrompt
        Stop-KiroPool
        Get-AgentLog $log start | Should -Not -BeNullOrEmpty
        Get-LivingAgent $log | Should -BeNullOrEmpty
    }

    It 'ends with Remove-Module' {
        $null = Start-SimulatorPool @{ log = $log }
        Remove-Module KiroPool
        Get-LivingAgent $log | Should -BeNullOrEmpty
    }

    It 'ends with Import-Module -Force, and a new one can be started' {
        $null = Start-SimulatorPool @{ log = $log }
        Import-Module $Manifest.FullName -Force
        Get-LivingAgent $log | Should -BeNullOrEmpty
        $null = Start-SimulatorPool @{ log = $log }
        (Invoke-KiroPrompt 'again').Outcome | Should -Be 'Completed'
    }

    It 'ends with its own runspace only' {
        $mine = Start-SimulatorPool @{ log = $log }
        $theirs = Join-Path $TestDrive 'theirs.jsonl'
        $shell = [powershell]::Create()
        $null = $shell.AddScript({
                param($Module, $Program, $Settings)
                Import-Module $Module
                Start-KiroPool -FilePath $Program -Environment $Settings
            }).AddParameters(@{ Module = $Manifest.FullName; Program = $Simulator.FullName; Settings = (Get-SimulatorEnvironment @{ log = $theirs }) })
        $null = $shell.Invoke()
        Get-LivingAgent $theirs | Should -Not -BeNullOrEmpty
        $shell.Runspace.Dispose()
        $shell.Dispose()
        Wait-Until { -not (Get-LivingAgent $theirs) } | Should -BeTrue
        (Invoke-KiroPrompt 'still here' -Pool $mine).Outcome | Should -Be 'Completed'
    }

    It 'ends with its thread job' {
        $job = Start-ThreadJob -ArgumentList $Manifest.FullName, $Simulator.FullName, (Get-SimulatorEnvironment @{ log = $log }) {
            param($Module, $Program, $Settings)
            Import-Module $Module
            $null = Start-KiroPool -FilePath $Program -Environment $Settings
            (Invoke-KiroPrompt 'hello').Text
        }
        $job | Receive-Job -Wait -AutoRemoveJob | Should -Be 'You said: hello'
        Wait-Until { -not (Get-LivingAgent $log) } | Should -BeTrue
    }

    It 'ends with the process: <How>' -ForEach @(
        @{ How = 'end of script'; End = '' }
        @{ How = 'exit'; End = 'exit 3' }
        @{ How = 'an error'; End = 'throw "ended"' }
        @{ How = 'killed'; End = 'Stop-Process -Id $PID -Force; Start-Sleep 10' }
    ) {
        $null = Invoke-Pwsh ($start + $End)
        Get-AgentLog $log prompt | Should -HaveCount 4
        Wait-Until { -not (Get-LivingAgent $log) } | Should -BeTrue
    }
}
