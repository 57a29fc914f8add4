# Results travel: jobs, files, JSON and CSV keep values and view.

Describe 'A result elsewhere' {
    BeforeAll {
        . (Join-Path $PSScriptRoot Support.ps1)
        Import-Module $Manifest.FullName
        $null = Start-SimulatorPool @{ turnMs = 20 }
        $file = Join-Path $TestDrive prompt.md
        Set-Content $file 'From a file [[tool read]]' -NoNewline
        $result = Get-Item $file | Invoke-KiroPrompt

        # Properties of a copy that differ from the result's.
        function Compare-Result($Copy) {
            foreach ($name in $result.PSObject.Properties.Name | Where-Object { $_ -notin 'InputObject', 'ToolCalls' }) {
                if ("$($result.$name)" -cne "$($Copy.$name)") { $name }
            }
        }
    }

    AfterAll {
        Stop-KiroPool -Force
        Remove-Module KiroPool
    }

    It 'is unchanged by Clixml' {
        $path = Join-Path $TestDrive result.xml
        $result | Export-Clixml $path
        $copy = Import-Clixml $path
        Compare-Result $copy | Should -BeNullOrEmpty
        $copy.Duration | Should -BeOfType timespan
        $copy.Duration | Should -Be $result.Duration
        $copy.Credits | Should -BeOfType decimal
        $copy.Outcome | Should -BeOfType string
        $copy.InputObject | Should -BeOfType string
        $copy.InputObject | Should -Be $file
        $copy.ToolCalls[0].Kind | Should -Be 'read'
        $copy.ToolCalls[0].Status | Should -Be 'completed'
        ($copy | Out-String) | Should -Be ($result | Out-String)
        ($copy | Format-Table | Out-String) | Should -Be ($result | Format-Table | Out-String)
    }

    It 'is unchanged by a job' {
        $module, $program = $Manifest.FullName, $Simulator.FullName
        $copy = Start-Job {
            Import-Module $using:module
            $null = Start-KiroPool -FilePath $using:program
            Get-Item $using:file | Invoke-KiroPrompt
        } | Receive-Job -Wait -AutoRemoveJob
        $copy.Text, $copy.Outcome, $copy.InputObject | Should -Be $result.Text, 'Completed', $file
        $copy.Duration | Should -BeOfType timespan
        ($copy | Out-String) | Should -BeLike '*#0 prompt.md · auto · *You said: From a file*'
    }

    It 'is readable JSON' {
        $copy = Invoke-KiroPrompt 'plain' | ConvertTo-Json -Depth 4 | ConvertFrom-Json
        $copy.Text, $copy.Outcome, $copy.Prompt, $copy.Index | Should -Be 'You said: plain', 'Completed', 'plain', 0
        $copy.Credits | Should -Be 0.05
        ($result | Select-Object Prompt, Text, ToolCalls | ConvertTo-Json -Depth 4 | ConvertFrom-Json).ToolCalls[0].Kind | Should -Be 'read'
    }

    It 'is short JSON, also for a file' {
        $plain = Join-Path $TestDrive plain.md
        Set-Content $plain 'From a file' -NoNewline
        $short = Get-Item $plain | Invoke-KiroPrompt
        $json = $short | ConvertTo-Json -WarningVariable warnings
        $warnings | Should -BeNullOrEmpty
        $json.Length | Should -BeLessThan 1300
        $read = $json | ConvertFrom-Json
        $read.InputObject | Should -Be $plain
        $read.Seconds | Should -Be $short.Duration.TotalSeconds
        $read.PSObject.Properties.Name | Should -Not -Contain 'Duration'
    }

    It 'has its input and its times as objects' {
        $result.InputObject | Should -BeOfType System.IO.FileInfo
        $result | ForEach-Object -Parallel { $_.InputObject.Name } | Should -Be prompt.md
        $result.Duration, $result.QueuedFor, $result.SessionWait, $result.TimeToFirstText | Should -BeOfType timespan
        ($result | Select-Object Duration).Duration | Should -Be $result.Duration
        ($result, $result | Sort-Object Duration) | Should -HaveCount 2
        ($result | Measure-Object Seconds -Sum).Sum | Should -Be $result.Duration.TotalSeconds
    }

    It 'is one row of a CSV' {
        $row = $result | ConvertTo-Csv | ConvertFrom-Csv
        $row.Text | Should -Be $result.Text
        $row.InputObject | Should -Be $file
    }

    It 'fits into 80 columns as a table' {
        $lines = 'a', ('long ' * 60) | Invoke-KiroPrompt -Ordered | Format-Table | Out-String -Width 80 -Stream | Where-Object { $_ }
        $lines | Should -HaveCount 4
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
    }

    It 'has no colours when it is redirected' {
        $out = Join-Path $TestDrive out.txt
        Invoke-KiroPrompt 'plain' > $out
        Get-Content $out -Raw | Should -Not -Match ([char]27)
        Get-Content $out -Raw | Should -Match 'You said: plain'
    }
}
