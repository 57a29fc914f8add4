# KiroPool in a minute. The first three commands are those of the README.
Start-KiroPool -MaxSize 4
Get-ChildItem *.cs | Invoke-KiroPrompt 'Summarise this file in one sentence' | Format-Table
Stop-KiroPool

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
