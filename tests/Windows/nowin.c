// nowin COMMAND LINE: runs a program in a console without a window, on the three handles of the caller. pwsh.exe and
// other console programs end at once where they have no console. The exit code is that of the program.
#include <windows.h>
#include <stdio.h>

int wmain(void)
{
    // The first word is this program; the rest is the command line as it was given.
    wchar_t *rest = GetCommandLineW();
    for (int quoted = 0; *rest && (quoted || *rest != L' '); rest++)
        quoted ^= *rest == L'"';
    while (*rest == L' ')
        rest++;

    STARTUPINFOW start = { .cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES };
    HANDLE *handles[] = { &start.hStdInput, &start.hStdOutput, &start.hStdError };
    DWORD names[] = { STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE };
    for (int i = 0; i < 3; i++)
    {
        *handles[i] = GetStdHandle(names[i]);
        SetHandleInformation(*handles[i], HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    }

    PROCESS_INFORMATION process;
    if (!CreateProcessW(NULL, rest, NULL, NULL, TRUE, CREATE_NO_WINDOW, NULL, NULL, &start, &process))
    {
        fprintf(stderr, "nowin: error %lu for %ls\n", GetLastError(), rest);
        return 127;
    }

    DWORD code = 1;
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    return (int)code;
}
