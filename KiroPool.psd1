@{
    RootModule           = 'KiroPool.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '6f0c1f5e-6a44-4d0b-9a55-0d7f1f2c6b1e'
    Author               = 'KiroPool contributors'
    CompanyName          = 'KiroPool'
    Copyright            = '(c) KiroPool contributors. MIT licence.'
    Description          = 'Keeps kiro-cli agents (or any Agent Client Protocol agent) warm and runs prompts on them from the PowerShell pipeline.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('KiroPool.Format.ps1xml')
    TypesToProcess       = @('KiroPool.Types.ps1xml')
    FunctionsToExport    = @()
    CmdletsToExport      = @(
        'Enter-KiroSession'
        'Get-KiroAgent'
        'Get-KiroModel'
        'Get-KiroPoolStats'
        'Get-KiroSession'
        'Invoke-KiroPrompt'
        'New-KiroSession'
        'Remove-KiroSession'
        'Start-KiroPool'
        'Stop-KiroPool'
    )
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            Tags         = @('PSEdition_Core', 'Windows', 'Linux', 'MacOS', 'kiro', 'kiro-cli', 'agent', 'ai', 'acp', 'automation', 'pool')
            LicenseUri   = 'https://opensource.org/license/mit'
            # Placeholders: the project has no public address yet.
            ProjectUri   = 'https://example.com/KiroPool'
            IconUri      = 'https://example.com/KiroPool/icon.png'
            ReleaseNotes = 'The first version. CHANGELOG.md in the repository says what is in it.'
        }
    }
}
