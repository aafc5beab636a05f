using System.IO;

namespace Haq.Engine.Files;

/// <summary>Files that are files. A pipe waits for a writer that never comes, and a device has no end.</summary>
internal static class OrdinaryFile
{
    /// <summary>Returns where <paramref name="path"/> is a file, a folder, or nothing: opening it then says the rest.</summary>
    /// <exception cref="IOException">It is a pipe, a socket or a device.</exception>
    public static void Require(string path)
    {
        var facts = FileFacts.Of(path);
        if (facts.Exists && !facts.IsRegular && !facts.IsFolder) throw new IOException("it is a pipe, a socket or a device, not a file");
    }
}
