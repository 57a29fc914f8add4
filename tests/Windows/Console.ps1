# Enter-KiroSession in a console of Windows, with keys that are typed into it. The log of the agent shows what arrived.
param([string] $Keys)
$ErrorActionPreference = 'Stop'
$root = Join-Path $PSScriptRoot .. ..
Import-Module (Get-Item (Join-Path $root out KiroPool * KiroPool.psd1)).FullName
$agent = (Get-Item (Join-Path $root src KiroPool.Simulator bin Debug net10.0 kiro-cli-simulator.exe)).FullName
$log = Join-Path ([IO.Path]::GetTempPath()) "console-$PID.jsonl"

# Modifiers: 9 is AltGr (right Alt and left Control), 8 is left Control.
$german = '51:40:9', '45:20ac:9', '37:7b:9', '38:5b:9', '39:5d:9', '30:7d:9', 'db:5c:9', 'e2:7c:9', 'bb:7e:9'
$polish = '43:107:9', '4c:142:9'
$chinese = '0:65e5:0', '0:672c:0', '0:8a9e:0', '0:d83d:0', '0:de00:0'
$enter = '0d:0d:0'
$altGrC = '43:0:9', '43:3:9'
$x = '58:78:0'
$oneTwo = [char[]] 'one two' | ForEach-Object { '0:{0:x}:0' -f [int] $_ }
$altLeft = '25:0:102'
$end = '44:4:8'

$null = Start-KiroPool -FilePath $agent -ArgumentList acp -MaxSize 1 -Environment @{ KIROPOOL_SIMULATOR = (@{ log = $log } | ConvertTo-Json) }
$typist = Start-Process $Keys (@($PID) + $german + $polish + $chinese + $enter + $altGrC + $x + $enter + $oneTwo + $altLeft + $x + $enter + $end) -NoNewWindow -PassThru
Enter-KiroSession
$typist.WaitForExit()
Stop-KiroPool

$prompts = Get-Content $log -Encoding utf8 | ConvertFrom-Json | Where-Object event -EQ prompt | ForEach-Object text
Remove-Item $log
$expected = "@€{[]}\|~ćł日本語`u{1F600}", 'x', 'one xtwo'
if (Compare-Object $expected @($prompts) -SyncWindow 0 -CaseSensitive) {
    throw "The agent got these prompts: $(ConvertTo-Json @($prompts) -Compress -EscapeHandling EscapeNonAscii)"
}
'ok: the keys of AltGr, CJK characters and an emoji arrived, AltGr+C did not leave, and Alt with an arrow moved by a word'
