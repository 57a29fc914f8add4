# KiroPool in two minutes. In your own shell you need only the lines with the cmdlets.
#
# This runs in an embedded PowerShell engine, which has no Get-ChildItem and no Format-Table. So the host hands the
# files in as $Files; at your prompt it would be:  Get-ChildItem *.cs | Invoke-KiroPrompt '…'
param(
    [string] $Module,
    [string] $Simulator,
    [System.IO.FileInfo[]] $Files,
    [string] $Agent,
    [string[]] $AgentArguments
)
$ErrorActionPreference = 'Stop'
Import-Module $Module

# Which agent: the one that was named, else kiro-cli if it is there and signed in, else the simulator.
$which = @{}
$kiro = @(Get-Command kiro-cli -CommandType Application -ErrorAction Ignore)[0]
if ($Agent) {
    "Agent: $Agent $AgentArguments"
    $which.FilePath = $Agent
    if ($AgentArguments) { $which.ArgumentList = $AgentArguments }
}
elseif ($kiro -and $(& $kiro whoami *> $null; $LASTEXITCODE -eq 0)) {
    "Agent: $($kiro.Source)"
}
else {
    'Agent: the simulator that comes with the sources, since kiro-cli is not installed or not signed in.'
    'It takes 1.2 s to start and 0.2 s to answer, and repeats what it is asked.'
    $which.FilePath = $Simulator
    $which.Environment = @{ KIROPOOL_SIMULATOR = '{ "startMs": 400, "firstSessionMs": 800, "sessionMs": 150, "turnMs": 200 }' }
}

$question = 'What is this file for? Answer in one sentence.'
$clock = [System.Diagnostics.Stopwatch]::new()

# Cold: a new process for every prompt, as a loop around the command line has it.
''
"Cold, a process for each of $($Files.Count) prompts …"
$clock.Start()
foreach ($file in $Files) {
    $null = Start-KiroPool @which -MaxSize 1
    $null = $file | Invoke-KiroPrompt $question
    Stop-KiroPool
}
$cold = $clock.Elapsed

# Warm: the pool is started once, with three agents; the same prompts, one after the other.
$null = Start-KiroPool @which -MinSize 3 -MaxSize 3 -MaxStarting 3
"Warm, the same prompts one after the other …"
$clock.Restart()
$Files | Invoke-KiroPrompt $question -ThrottleLimit 1 | Out-Host
$warm = $clock.Elapsed

# And three at a time, which is what the pipeline does unless told otherwise.
$clock.Restart()
$null = $Files | Invoke-KiroPrompt $question
$parallel = $clock.Elapsed

'What the pool did:'
Stop-KiroPool -PassThru | Out-Host
'{0} prompts: {1:0.0} s cold, {2:0.0} s warm, {3:0.0} s warm and three at a time.' -f $Files.Count, $cold.TotalSeconds, $warm.TotalSeconds, $parallel.TotalSeconds
