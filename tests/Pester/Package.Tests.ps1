# What ./build.ps1 Package leaves, published to a gallery in a folder and installed from there by PSResourceGet.

Describe 'The package' {
    BeforeAll {
        . (Join-Path $PSScriptRoot Support.ps1)
        $hasSdk = [bool](Get-Command dotnet -ErrorAction Ignore)
        if (-not $hasSdk) { return }

        # The workflow's Release build analyses these sources, and this one only packs. MSBuild takes the property from here.
        $analyzers, $env:RunAnalyzers = $env:RunAnalyzers, 'false'
        $said = & $Pwsh @PwshArguments -File (Join-Path $Repository build.ps1) Package 2>&1
        if ($LASTEXITCODE -ne 0) { throw "build.ps1 Package failed: $($said | Out-String)" }
        $folder = @($said -like 'Folder, for Publish-PSResource -Path: *')[0] -replace '^.*?: '
        $nupkg = @($said -like 'Package, for Publish-PSResource -NupkgPath: *')[0] -replace '^.*?: '
        $manifest = Join-Path $folder KiroPool.psd1
        $version = (Import-PowerShellDataFile $manifest).ModuleVersion
        $target = New-Item -ItemType Directory (Join-Path $TestDrive modules KiroPool $version)
        [IO.Compression.ZipFile]::ExtractToDirectory($nupkg, $target.FullName)
        $nuspec = ([xml](Get-Content (Join-Path $target KiroPool.nuspec) -Raw)).package.metadata
        $data = Import-PowerShellDataFile $manifest
    }

    AfterAll {
        if ($hasSdk) { $env:RunAnalyzers = $analyzers }
    }

    BeforeEach {
        if (-not $hasSdk) { Set-ItResult -Skipped -Because 'there is no dotnet on PATH to build the package with' }
    }

    It 'is in the reported folder' {
        $folder, $nupkg | Should -Exist
        Split-Path $folder -Leaf | Should -Be $version -Because 'Publish-PSResource wants the folder with the version'
    }

    It 'is named after the module and its version' {
        Split-Path $nupkg -Leaf | Should -Be "KiroPool.$version.nupkg"
        $nuspec.id | Should -Be 'KiroPool'
        $nuspec.version | Should -Be $data.ModuleVersion
    }

    It 'has the values of the manifest in its nuspec' {
        $nuspec.authors | Should -Be $data.Author
        $nuspec.description | Should -Be $data.Description
        $nuspec.releaseNotes | Should -Be $data.PrivateData.PSData.ReleaseNotes
        $nuspec.licenseUrl | Should -Be $data.PrivateData.PSData.LicenseUri
        $nuspec.readme | Should -Be 'README.md'
        $tags = -split $nuspec.tags
        foreach ($tag in 'PSModule', 'PSIncludes_Cmdlet', 'PSEdition_Core', 'Linux', 'PSCmdlet_Invoke-KiroPrompt') { $tags | Should -Contain $tag }
    }

    It 'says that an agent program is needed' {
        $data.Description | Should -BeLike '*needs an agent program*'
    }

    It 'has no missing address and names no missing file' {
        $text = Get-Content $manifest, (Join-Path $target README.md) -Raw
        $text | Should -Not -Match 'example\.(com|org)|localhost'
        foreach ($name in [regex]::Matches($text, '\b[\w-]+\.(md|txt|png)\b').Value) { Join-Path $target $name | Should -Exist }
    }

    It 'declares a type for each of its parts' {
        $types = ([xml](Get-Content -LiteralPath (Join-Path $target '[Content_Types].xml') -Raw)).Types
        foreach ($file in Get-ChildItem $target -File -Recurse | Where-Object Name -NE '[Content_Types].xml') {
            ($types.Default.Extension -contains $file.Extension.TrimStart('.')) -or ($types.Override.PartName -contains "/$($file.Name)") | Should -BeTrue -Because "$($file.Name) is in it"
        }
    }

    It 'contains the module, its help, its licence and its README, and no third-party assembly' {
        (Get-ChildItem $folder -File).Name | Sort-Object | Should -Be 'KiroPool.dll', 'KiroPool.Engine.dll', 'KiroPool.Format.ps1xml', 'KiroPool.psd1', 'LICENSE', 'README.md'
        (Get-ChildItem $target -Recurse -Filter *.dll).Name | Should -Be 'KiroPool.dll', 'KiroPool.Engine.dll'
        Get-ChildItem $target -Recurse -Filter *.pdb | Should -BeNullOrEmpty
    }

    It 'has a valid manifest' {
        $tested = Test-ModuleManifest (Join-Path $target KiroPool.psd1)
        $tested.Version | Should -Be $data.ModuleVersion
        $tested.CompatiblePSEditions | Should -Be 'Core'
        foreach ($property in 'Author', 'Description', 'Copyright', 'ReleaseNotes', 'LicenseUri', 'Tags') {
            $tested.$property | Should -Not -BeNullOrEmpty -Because "the gallery shows $property"
        }
    }

    Context 'in a gallery' {
        BeforeAll {
            if (-not $hasSdk) { return }

            # A version that is higher, and built as such, so that its assemblies are other ones.
            $later = '{0}.{1}.{2}' -f ([version]$version).Major, (([version]$version).Minor + 1), 0
            $laterFolder = Join-Path $TestDrive later KiroPool $later
            $build = 'build', (Join-Path $Repository src KiroPool), '--no-restore', '--configuration', 'Release', '-p:DebugType=none', "-p:Version=$later", "-p:KiroPoolModuleFolder=$laterFolder/"
            $said = dotnet @build
            if ($LASTEXITCODE -ne 0) { throw "The later version was not built: $($said | Out-String)" }
            $laterManifest = Join-Path $laterFolder KiroPool.psd1
            (Get-Content $laterManifest -Raw).Replace("'$version'", "'$later'") | Set-Content $laterManifest

            # Another user's home, with its own modules and registered repositories.
            $gallery = New-Item -ItemType Directory (Join-Path $TestDrive gallery)
            $user = New-Item -ItemType Directory (Join-Path $TestDrive user)

            # .NET knows only folders that are there; without them NuGet writes its settings to the current folder.
            '.config', '.local/share', '.cache' | ForEach-Object { $null = New-Item -ItemType Directory (Join-Path $user $_) }
            Push-Location $user
            $variables = 'HOME', 'USERPROFILE', 'LOCALAPPDATA', 'XDG_DATA_HOME', 'XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'PSModulePath'
            $before = $variables | ForEach-Object { [Environment]::GetEnvironmentVariable($_) }
            $variables | ForEach-Object { [Environment]::SetEnvironmentVariable($_, ($_ -in 'HOME', 'USERPROFILE', 'LOCALAPPDATA' ? $user : $null)) }

            # Runs a script in that user's shell; errors end it.
            function Invoke-User([string] $Script) {
                & $Pwsh @PwshArguments -Command "`$PSStyle.OutputRendering = 'PlainText'; `$ErrorActionPreference = 'Stop'; `$ProgressPreference = 'Ignore'; $Script" 2>&1
            }

            $start = "`$null = Start-KiroPool -FilePath '$($Simulator.FullName)'"
        }

        AfterAll {
            if (-not $hasSdk) { return }
            Pop-Location
            for ($i = 0; $i -lt $variables.Count; $i++) { [Environment]::SetEnvironmentVariable($variables[$i], $before[$i]) }
        }

        It 'is published, found by name and by tag, and described' {
            Invoke-User "Register-PSResourceRepository Local '$gallery' -Trusted; Publish-PSResource -Path '$folder' -Repository Local" | Should -BeNullOrEmpty
            Get-ChildItem $gallery | Should -HaveCount 1
            $found = Invoke-User "Find-PSResource KiroPool -Repository Local | ForEach-Object { `$_.Name; `$_.Version.ToString(); `$_.Description }"
            $found | Should -Be 'KiroPool', $version, $data.Description
            Invoke-User "(Find-PSResource -Tag kiro -Repository Local).Name" | Should -Be 'KiroPool'
        }

        It 'is installed, imported, and runs a prompt' {
            Invoke-User 'Install-PSResource KiroPool -Repository Local' | Should -BeNullOrEmpty
            $output = Invoke-User "Import-Module KiroPool; (Get-Module KiroPool).ModuleBase; $start; (Invoke-KiroPrompt 'from the gallery').Text; Stop-KiroPool"
            $output | Should -HaveCount 2
            $output[0] | Should -BeLike (Join-Path $user * $version)
            $output[1] | Should -Be 'You said: from the gallery'
        }

        It 'is updated while a pool of another shell goes on with its version' {
            Invoke-User "Publish-PSResource -Path '$laterFolder' -Repository Local" | Should -BeNullOrEmpty
            $output = Invoke-User @"
                Import-Module KiroPool; $start
                & '$Pwsh' $($PwshArguments.ForEach{ "'$_'" }) -Command "```$ErrorActionPreference = 'Stop'; Update-PSResource KiroPool -Repository Local"
                (Get-Module KiroPool -ListAvailable | Sort-Object Version | Select-Object -Last 1).Version.ToString()
                (Invoke-KiroPrompt 'still here').Text
                try { Import-Module KiroPool -Force } catch { "Not imported: `$_" }
                (Invoke-KiroPrompt 'and now' -Pool (Start-KiroPool -FilePath '$($Simulator.FullName)')).Text
                Stop-KiroPool
"@
            $output[0..1] | Should -Be $later, 'You said: still here'
            $output[-1] | Should -Be 'You said: and now'
            $output -match 'SerializationDepth' | Should -BeNullOrEmpty
            Invoke-User "Import-Module KiroPool; (Get-Module KiroPool).Version.ToString(); $start; (Invoke-KiroPrompt 'new').Text; Stop-KiroPool" | Should -Be $later, 'You said: new'
        }

        It 'is imported beside another copy without a message' {
            $copy = Join-Path $TestDrive copy KiroPool $version
            Copy-Item $folder $copy -Recurse -Force
            $output = Invoke-User "Import-Module '$manifest'; Import-Module '$(Join-Path $copy KiroPool.psd1)' -Force; $start; (Invoke-KiroPrompt 'twice').Text; Stop-KiroPool"
            $output | Should -Be 'You said: twice'
        }

        It 'is uninstalled without a trace' {
            Invoke-User 'Uninstall-PSResource KiroPool -Version *; Get-Module KiroPool -ListAvailable' | Should -BeNullOrEmpty
            Get-ChildItem $user -Recurse -Filter KiroPool* | Should -BeNullOrEmpty
        }
    }
}
