<#
.SYNOPSIS
    Packs a module's folder as the nupkg that the PowerShell Gallery takes.
.DESCRIPTION
    A package is a zip archive with a nuspec, made here of the module's manifest, and the two parts of the Open
    Packaging Conventions that say what is what. Publish it with Publish-PSResource -NupkgPath.
#>
[CmdletBinding()]
param(
    # The folder with the manifest and all files of the module.
    [Parameter(Mandatory)]
    [string] $ModulePath,

    # The target folder of the package.
    [Parameter(Mandatory)]
    [string] $Destination
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest
$manifestFile = Get-Item (Join-Path $ModulePath *.psd1)
$name = $manifestFile.BaseName
$manifest = Import-PowerShellDataFile $manifestFile
$data = $manifest.PrivateData.PSData
$prerelease = $data['Prerelease']
$version = $manifest.ModuleVersion + ($prerelease ? "-$prerelease" : '')

# The gallery finds modules by these tags, in addition to those of the manifest.
$tags = @('PSModule', 'PSIncludes_Cmdlet') + @($manifest.CmdletsToExport | ForEach-Object { "PSCmdlet_$_"; "PSCommand_$_" }) + $data.Tags
$metadata = [ordered]@{
    id                       = $name
    version                  = $version
    authors                  = $manifest.Author
    owners                   = $manifest.CompanyName
    requireLicenseAcceptance = 'false'
    description              = $manifest.Description
    releaseNotes             = $data['ReleaseNotes']
    copyright                = $manifest.Copyright
    tags                     = ($tags | Select-Object -Unique) -join ' '
}
if (Test-Path (Join-Path $ModulePath README.md)) { $metadata.readme = 'README.md' }
foreach ($address in 'ProjectUri', 'LicenseUri', 'IconUri') {
    if ($data[$address]) { $metadata[$address.Substring(0, 1).ToLowerInvariant() + $address.Substring(1).Replace('Uri', 'Url')] = $data[$address] }
}
$elements = $metadata.GetEnumerator() | ForEach-Object { "    <$($_.Key)>$([Security.SecurityElement]::Escape($_.Value))</$($_.Key)>" }
$xml = '<?xml version="1.0" encoding="utf-8"?>'
$parts = [ordered]@{
    "$name.nuspec"        = @("$xml`n<package xmlns=`"http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd`">`n  <metadata>") + $elements + '  </metadata>', '</package>'
    '_rels/.rels'         = $xml, '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">', "  <Relationship Type=`"http://schemas.microsoft.com/packaging/2010/07/manifest`" Target=`"/$name.nuspec`" Id=`"R1`" />", '</Relationships>'
    '[Content_Types].xml' = $xml, '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">', '  <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml" />'
}
$files = Get-ChildItem $ModulePath -File -Recurse | Sort-Object FullName
$extensions = @('nuspec') + @($files | ForEach-Object { $_.Extension.TrimStart('.') } | Where-Object { $_ }) | Sort-Object -Unique
$parts['[Content_Types].xml'] += @($extensions | ForEach-Object { "  <Default Extension=`"$_`" ContentType=`"application/octet-stream`" />" })

# A file without an extension needs its own line.
$parts['[Content_Types].xml'] += @($files | Where-Object { -not $_.Extension } | ForEach-Object { "  <Override PartName=`"/$($_.Name)`" ContentType=`"application/octet-stream`" />" }) + '</Types>'

$package = Join-Path $Destination "$name.$version.nupkg"
$stream = [IO.FileStream]::new($package, [IO.FileMode]::Create)
$archive = [IO.Compression.ZipArchive]::new($stream, [IO.Compression.ZipArchiveMode]::Create)
try {
    foreach ($part in $parts.GetEnumerator()) {
        $writer = [IO.StreamWriter]::new($archive.CreateEntry($part.Key).Open())
        $writer.Write(($part.Value -join "`n") + "`n")
        $writer.Dispose()
    }
    foreach ($file in $files) {
        $entry = [IO.Path]::GetRelativePath((Resolve-Path $ModulePath), $file.FullName).Replace('\', '/')
        $null = [IO.Compression.ZipFileExtensions]::CreateEntryFromFile($archive, $file.FullName, $entry)
    }
}
finally {
    $archive.Dispose()
    $stream.Dispose()
}
$package
