# The checks of ./build.ps1 Docs. Each excluded rule has its reason.
@{
    ExcludeRules = @(
        'PSAvoidUsingPositionalParameters'                # Join-Path a b c is clearer without names.
        'PSUseBOMForUnicodeEncodedFile'                   # Files are UTF-8 without a mark: PowerShell 7 only.
        'PSUseDeclaredVarsMoreThanAssignments'            # It does not know that Pester's blocks share variables.
        'PSUseUsingScopeModifierInNewRunspaces'           # It mistakes parameters of a script block for outer variables.
        'PSUseShouldProcessForStateChangingFunctions'     # Test helpers are not module commands.
        'PSPossibleIncorrectUsageOfRedirectionOperator'   # '*>' in a condition suppresses output on purpose.
    )
}
