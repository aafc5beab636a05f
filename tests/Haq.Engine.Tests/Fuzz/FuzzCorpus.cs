namespace Haq.Engine.Tests.Fuzz;

/// <summary>What earlier runs found, minimized, beside the tests.</summary>
internal static class FuzzCorpus
{
    /// <summary>The inputs that were kept for a reader, in the same order every time.</summary>
    public static IEnumerable<byte[]> Of(string reader)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Fuzz", "corpus", reader);
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : [];
    }
}
