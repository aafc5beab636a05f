using System;
using System.IO;
using System.Text;
using Haq.Build.Protocol;

namespace Haq.Build.Tasks;

/// <summary>Writes a state down again after a look at contents settled what stamps alone could not. Nothing is lost where it fails: the next build looks again.</summary>
internal static class StateRenewal
{
    /// <param name="request">Whose state it is.</param>
    /// <param name="state">As it was read, and renewed.</param>
    /// <param name="read">The text that it was read from.</param>
    public static void TryWrite(BuildRequest request, BuildState state, string read)
    {
        string temporary = request.StateFile + "." + Guid.NewGuid().ToString("N").Substring(0, 8) + ".haq-tmp";
        try
        {
            // The engine's lock: whoever has it is writing another state.
            using (new FileStream(request.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
            {
                if (File.ReadAllText(request.StateFile) != read) return;
                File.WriteAllText(temporary, state.Write(), new UTF8Encoding(false));
                File.Replace(temporary, request.StateFile, null);
            }
        }
        catch (Exception e) when (e is IOException || e is UnauthorizedAccessException)
        {
            File.Delete(temporary);
        }
    }
}
