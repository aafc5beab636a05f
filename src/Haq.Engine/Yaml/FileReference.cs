using Haq.Engine.Diagnostics;

namespace Haq.Engine.Yaml;

/// <summary>A file that a document names.</summary>
/// <param name="Text">As written; relative paths are meant from the document's folder.</param>
/// <param name="FullPath">Absolute.</param>
/// <param name="At">Where it is named.</param>
public sealed record FileReference(string Text, string FullPath, SourceLocation At)
{
    /// <summary>The file <paramref name="text"/>, named at <paramref name="at"/>, whose file's folder relative paths start from.</summary>
    public static FileReference Resolve(string text, SourceLocation at)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(at.File)) ?? Directory.GetCurrentDirectory();
        return new FileReference(text, Path.GetFullPath(text.Replace('\\', '/'), folder), at);
    }
}
