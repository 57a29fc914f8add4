# What ./build.ps1 Package leaves, expanded where a gallery's client would, is a module that runs.

Describe 'The package' {
    BeforeAll {
        . (Join-Path $PSScriptRoot Support.ps1)
        $version = $Manifest.Directory.Name
        $nupkg = & (Join-Path $Repository tools New-ModulePackage.ps1) -ModulePath $Manifest.DirectoryName -Destination $TestDrive
        $modules = New-Item -ItemType Directory (Join-Path $TestDrive modules)
        $target = New-Item -ItemType Directory (Join-Path $modules KiroPool $version)
        [IO.Compression.ZipFile]::ExtractToDirectory($nupkg, $target.FullName)
        $nuspec = ([xml](Get-Content (Join-Path $target KiroPool.nuspec) -Raw)).package.metadata
        $data = Import-PowerShellDataFile $Manifest
    }

    It 'is named after the module and its version' {
        Split-Path $nupkg -Leaf | Should -Be "KiroPool.$version.nupkg"
        $nuspec.id | Should -Be 'KiroPool'
        $nuspec.version | Should -Be $data.ModuleVersion
    }

    It 'says in its nuspec what the manifest says' {
        $nuspec.authors | Should -Be $data.Author
        $nuspec.description | Should -Be $data.Description
        $nuspec.releaseNotes | Should -Be $data.PrivateData.PSData.ReleaseNotes
        $nuspec.projectUrl | Should -Be $data.PrivateData.PSData.ProjectUri
        $nuspec.licenseUrl | Should -Be $data.PrivateData.PSData.LicenseUri
        $tags = -split $nuspec.tags
        foreach ($tag in 'PSModule', 'PSIncludes_Cmdlet', 'PSEdition_Core', 'Linux', 'PSCmdlet_Invoke-KiroPrompt') { $tags | Should -Contain $tag }
    }

    It 'declares a type for each of its parts' {
        $types = ([xml](Get-Content -LiteralPath (Join-Path $target '[Content_Types].xml') -Raw)).Types
        foreach ($file in Get-ChildItem $target -File -Recurse | Where-Object Name -NE '[Content_Types].xml') {
            ($types.Default.Extension -contains $file.Extension.TrimStart('.')) -or ($types.Override.PartName -contains "/$($file.Name)") | Should -BeTrue -Because "$($file.Name) is in it"
        }
    }

    It "holds no assembly of anybody else's" {
        (Get-ChildItem $target -Recurse -Filter *.dll).Name | Should -Be 'KiroPool.dll', 'KiroPool.Engine.dll'
    }

    It 'has a manifest without a fault' {
        $tested = Test-ModuleManifest (Join-Path $target KiroPool.psd1)
        $tested.Version | Should -Be $data.ModuleVersion
        $tested.CompatiblePSEditions | Should -Be 'Core'
        foreach ($property in 'Author', 'Description', 'Copyright', 'ReleaseNotes', 'ProjectUri', 'LicenseUri', 'IconUri', 'Tags') {
            $tested.$property | Should -Not -BeNullOrEmpty -Because "the gallery shows $property"
        }
    }

    It 'imports from an empty module path and runs a prompt' {
        $script = "`$env:PSModulePath = '$modules'; Import-Module KiroPool -Verbose:`$false; (Get-Module KiroPool).ModuleBase
            `$null = Start-KiroPool -FilePath '$($Simulator.FullName)'; (Invoke-KiroPrompt 'from the package').Text; Stop-KiroPool"
        & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -Command $script | Should -Be $target.FullName, 'You said: from the package'
    }
}
