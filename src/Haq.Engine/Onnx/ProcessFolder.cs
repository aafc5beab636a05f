namespace Haq.Engine.Onnx;

/// <summary>A folder for what is too large for memory: it goes when the process ends.</summary>
internal static class ProcessFolder
{
    /// <summary>Makes a folder of its own and returns its path.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static string Create()
    {
        string folder = Directory.CreateTempSubdirectory("haq-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Delete(folder);
        return folder;
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The system clears its temporary folder in time.
        }
    }
}
