@{
    RootModule           = 'KiroPool.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '6f0c1f5e-6a44-4d0b-9a55-0d7f1f2c6b1e'
    Author               = 'KiroPool contributors'
    CompanyName          = 'KiroPool'
    Copyright            = '(c) KiroPool contributors. MIT licence.'
    Description          = 'Keeps AI-agent processes warm and runs prompts on them from the PowerShell pipeline. It needs an agent program, which is not included: kiro-cli, installed and signed in, or any other program that speaks the Agent Client Protocol (ACP).'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('KiroPool.Format.ps1xml')
    FunctionsToExport    = @()
    CmdletsToExport      = @(
        'Enter-KiroSession'
        'Get-KiroAgent'
        'Get-KiroModel'
        'Get-KiroPool'
        'Get-KiroPoolStats'
        'Get-KiroSession'
        'Import-KiroJournal'
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
            ReleaseNotes = 'The first version: a pool of warm agents (Start-KiroPool), prompts from the pipeline (Invoke-KiroPrompt) with a journal that continues interrupted batches, named and interactive sessions, statistics. Start with Get-Help about_KiroPool.'
        }
    }
}
