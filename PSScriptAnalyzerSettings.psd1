# The checks of ./build.ps1 Docs. Each rule that is left out says why.
@{
    ExcludeRules = @(
        'PSAvoidUsingPositionalParameters'                # Join-Path a b c reads better than with names.
        'PSUseBOMForUnicodeEncodedFile'                   # Files are UTF-8 without a mark: PowerShell 7 only.
        'PSUseDeclaredVarsMoreThanAssignments'            # Does not see that Pester's blocks share variables.
        'PSUseUsingScopeModifierInNewRunspaces'           # Takes parameters of a script block for variables from outside.
        'PSUseShouldProcessForStateChangingFunctions'     # Helpers of tests are no commands of a module.
        'PSPossibleIncorrectUsageOfRedirectionOperator'   # '*>' in a condition is meant as what it is: no output.
    )
}
