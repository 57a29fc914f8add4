# KiroPool in a minute. The first three commands are those of the README.
Start-KiroPool -MaxSize 4
Get-ChildItem *.cs | Invoke-KiroPrompt 'Summarise this file in one sentence' | Format-Table
Stop-KiroPool

# Answers as objects. The second prompt gets a wrong answer first and is asked again; the third never answers as it should.
Start-KiroPool -MaxSize 4
$logs = New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) "kiropool-$PID")
'disk full', 'disk full [[json wrong]]', 'disk full [[json never]]' | ForEach-Object { $n = 0 } { Set-Content (Join-Path $logs "fatal$(++$n).log") $_ }
Push-Location $logs
Get-ChildItem *.log | Invoke-KiroPrompt 'What went wrong here?' -Schema @{ severity = 'low', 'high', 'fatal'; summary = [string]; hosts = @([string]) } -Expand |
    Where-Object severity -eq fatal | Export-Csv fatal.csv
Import-Csv fatal.csv | Format-Table
Get-Content *.log | Invoke-KiroPrompt 'What went wrong here?' -Schema @{ severity = 'low', 'fatal' } -ErrorAction SilentlyContinue -ErrorVariable unfit | Format-Table Prompt, Attempts, Value
"$unfit"
Pop-Location
Stop-KiroPool
Remove-Item $logs -Recurse

# The same prompts with one process each, like a loop around a command-line tool.
$cold = Measure-Command {
    foreach ($file in Get-ChildItem *.cs) {
        Start-KiroPool -MaxSize 1
        $file | Invoke-KiroPrompt 'Summarise this file in one sentence'
        Stop-KiroPool
    }
}

# On warm agents: one at a time, then as many at a time as there are agents.
Start-KiroPool -MinSize 4 -MaxSize 4 -MaxStarting 4
$warm = Measure-Command { Get-ChildItem *.cs | Invoke-KiroPrompt 'Summarise this file in one sentence' -ThrottleLimit 1 }
$together = Measure-Command { Get-ChildItem *.cs | Invoke-KiroPrompt 'Summarise this file in one sentence' }
Stop-KiroPool -PassThru
'{0} prompts: {1:0.0} s cold, {2:0.0} s warm, {3:0.0} s warm and all at a time.' -f @(Get-ChildItem *.cs).Count, $cold.TotalSeconds, $warm.TotalSeconds, $together.TotalSeconds
