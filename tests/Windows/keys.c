// keys PROCESS KEY...: types into the console of a process. A KEY is its virtual key, its character and the state of the
// modifiers, each hexadecimal, such as 51:40:9 for AltGr+Q, which types @ on a German keyboard.
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **words)
{
    FreeConsole();
    if (count < 2 || !AttachConsole(strtoul(words[1], NULL, 10)))
        return 1;
    HANDLE input = CreateFileA("CONIN$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    for (int i = 2; i < count; i++)
    {
        unsigned key, character, state;
        if (sscanf(words[i], "%x:%x:%x", &key, &character, &state) != 3)
            return 2;
        INPUT_RECORD record = { .EventType = KEY_EVENT };
        record.Event.KeyEvent.wRepeatCount = 1;
        record.Event.KeyEvent.wVirtualKeyCode = key;
        record.Event.KeyEvent.uChar.UnicodeChar = character;
        record.Event.KeyEvent.dwControlKeyState = state;
        for (int down = 1; down >= 0; down--)
        {
            DWORD written;
            record.Event.KeyEvent.bKeyDown = down;
            if (!WriteConsoleInputW(input, &record, 1, &written))
                return 3;
        }
        // More keys at once after a line end would be a paste.
        Sleep(key == VK_RETURN ? 2000 : 20);
    }

    return 0;
}
