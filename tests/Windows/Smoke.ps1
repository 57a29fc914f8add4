# The main job in a real pwsh.exe: a pool, prompts through the pipeline, a conversation, a journal, and no process left.
$ErrorActionPreference = 'Stop'
$root = Join-Path $PSScriptRoot .. ..
Import-Module (Get-Item (Join-Path $root out KiroPool * KiroPool.psd1)).FullName
$agent = (Get-Item (Join-Path $root src KiroPool.Simulator bin Debug net10.0 kiro-cli-simulator.exe)).FullName
$journal = Join-Path ([IO.Path]::GetTempPath()) "smoke-$PID.jsonl"

function Assert([bool] $holds, [string] $what) {
    if (-not $holds) { throw "It does not hold: $what" }
    "ok: $what"
}

$null = Start-KiroPool -FilePath $agent -ArgumentList acp -MaxSize 2
$results = 1..6 | ForEach-Object { "prompt $_" } | Invoke-KiroPrompt -Ordered -JournalPath $journal
Assert ($results.Count -eq 6 -and ($results.Outcome | Select-Object -Unique) -eq 'Completed') 'six prompts have six results'
Assert (($results.Prompt -join ',') -eq 'prompt 1,prompt 2,prompt 3,prompt 4,prompt 5,prompt 6') 'the results are in order'
$again = 1..6 | ForEach-Object { "prompt $_" } | Invoke-KiroPrompt -Ordered -JournalPath $journal -Resume
Assert ($again.Count -eq 6) 'the journal answers all six again'
$null = New-KiroSession talk
$talk = 'one', 'two' | Invoke-KiroPrompt -Session talk
Assert ($talk.Count -eq 2) 'a conversation has two turns'
$ids = (Get-KiroPoolStats).Processes.ProcessId
Assert ($ids.Count -ge 1) 'the statistics name the processes'
Stop-KiroPool
Assert (-not (Get-Process -Id $ids -ErrorAction Ignore)) 'no process is left'
Remove-Item $journal
