using System.CommandLine;
using Haq.Engine.Diagnostics;

namespace Haq.Tool;

/// <summary>The optional manifest that most commands take.</summary>
internal static class ManifestArgument
{
    public static Argument<string?> Create() => new("haq.yaml")
    {
        Description = "The manifest, or the folder that it is in. Default: haq.yaml in this folder.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>The same for a command that takes several, and patterns.</summary>
    public static Argument<string[]> CreateMany() => new("haq.yaml")
    {
        Description = "The manifest, or the folder that it is in; several, or patterns such as '**/haq.yaml', for all of them side by side. Default: haq.yaml in this folder.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <exception cref="HaqException">There is no such file (HAQ0006).</exception>
    public static string Resolve(string? given)
    {
        string path = Path.GetFullPath(given ?? "haq.yaml");
        if (Directory.Exists(path)) path = Path.Combine(path, "haq.yaml");
        if (File.Exists(path)) return path;
        throw DiagnosticCatalog.ManifestUnreadable.Error(given ?? "haq.yaml", "there is no such manifest. 'haq init MODEL' writes one.");
    }
}
