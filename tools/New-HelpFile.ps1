<#
.SYNOPSIS
    Generates the help for Get-Help from the pages in docs/en-US. Needs Microsoft.PowerShell.PlatyPS.
.DESCRIPTION
    PlatyPS leaves the code of an example in its text, with markdown fences, and links that are useless in a shell. This
    script moves code to the code element and converts markup to plain text.
#>
[CmdletBinding()]
param(
    # The folder of the pages. The help is written there.
    [Parameter(Mandatory)]
    [string] $Path
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest
$maml = 'http://schemas.microsoft.com/maml/2004/10'
$command = 'http://schemas.microsoft.com/maml/dev/command/2004/10'
$dev = 'http://schemas.microsoft.com/maml/dev/2004/10'

# Removes the paragraphs of a node and returns their texts without PlatyPS's separators.
function Remove-Paragraph($Node) {
    foreach ($paragraph in @($Node.GetElementsByTagName('para', $maml))) {
        $null = $Node.RemoveChild($paragraph)
        $text = $paragraph.InnerText.Trim([char]0x80).Trim()
        if ($text) { $text }
    }
}

function Add-Paragraph($Node, [string[]] $Texts) {
    foreach ($text in $Texts) {
        $paragraph = $Node.OwnerDocument.CreateElement('maml', 'para', $maml)
        $paragraph.InnerText = $text
        $null = $Node.AppendChild($paragraph)
    }
}

$work = New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) ([guid]::NewGuid()))
try {
    $pages = @(Get-ChildItem $Path -Filter *-*.md | Sort-Object Name -Culture '' | ForEach-Object { Import-MarkdownCommandHelp -Path $_.FullName })
    $made = $pages | Export-MamlCommandHelp -OutputFolder $work -Force
    $help = [xml]::new()
    $help.Load($made.FullName)

    foreach ($example in @($help.GetElementsByTagName('example', $command))) {
        $texts = @(Remove-Paragraph $example['introduction', $maml])
        $code = @($texts -match '^```' -replace '^```\w*\r?\n' -replace '\r?\n```$')
        $example['code', $dev].InnerText = $code -join "`n`n"

        Add-Paragraph $example['remarks', $dev] @($texts -notmatch '^```')
    }

    foreach ($node in @($help.SelectNodes('//*[local-name()="para"]/..'))) {
        $texts = @(Remove-Paragraph $node) -split '\r?\n\r?\n'
        Add-Paragraph $node ($texts -replace '`([^`\n]+)`', '$1' -replace '(?<!\w)\*([^*\n]+)\*(?!\w)', '$1')
    }

    # An empty line before the next title.
    foreach ($remarks in @($help.GetElementsByTagName('remarks', $dev))) { Add-Paragraph $remarks '' }

    # With links, Get-Help offers -Online, and there is no page to open.
    foreach ($links in @($help.GetElementsByTagName('relatedLinks', $command))) { $null = $links.ParentNode.RemoveChild($links) }

    foreach ($parameter in @($help.SelectNodes('//*[local-name()="parameters"]/*'))) {
        $name = $parameter.ParentNode.ParentNode['details', $command]['name', $command].InnerText
        $page = ($pages | Where-Object Title -eq $name).Parameters | Where-Object Name -eq $parameter['name', $maml].InnerText
        $default = $help.CreateElement('dev', 'defaultValue', $dev)
        $default.InnerText = $page.DefaultValue ? $page.DefaultValue : 'None'
        $null = $parameter.AppendChild($default)
        if ($parameter['parameterValue', $command]) {
            $parameter['parameterValue', $command].InnerText = $parameter['parameterValue', $command].InnerText -replace '^.*\.'
        }
    }

    $settings = [Xml.XmlWriterSettings]@{ Indent = $true; NewLineChars = "`n"; Encoding = [Text.UTF8Encoding]::new($false) }
    $file = Join-Path (Resolve-Path $Path) $made.Name
    $writer = [Xml.XmlWriter]::Create($file, $settings)
    $help.Save($writer)
    $writer.WriteRaw("`n")
    $writer.Dispose()
    $file
}
finally {
    Remove-Item $work -Recurse
}
