using Haq.Engine.Diagnostics;

namespace Haq.Tool.Projects;

/// <summary>Which project or solution a path means.</summary>
internal static class ProjectFiles
{
    private static readonly string[] s_solutions = [".sln", ".slnx", ".slnf"];

    /// <summary>The file itself, or the one solution, else the one project, of a folder.</summary>
    /// <param name="path">A project or solution file, or a folder that holds one; empty for the current folder.</param>
    /// <exception cref="HaqException">There is no such file, or not exactly one in the folder (HAQ0885).</exception>
    public static string Resolve(string path)
    {
        string full = Path.GetFullPath(path.Length == 0 ? "." : path);
        if (File.Exists(full)) return full;
        if (!Directory.Exists(full)) throw DiagnosticCatalog.NoProject.Error(path, "there is no such project, solution or folder.");
        string[] candidates = Candidates(full, IsSolution) is { Length: > 0 } solutions ? solutions : Candidates(full, IsProject);
        return candidates.Length switch
        {
            1 => candidates[0],
            0 => throw DiagnosticCatalog.NoProject.Error(full, "holds neither a solution nor a project. Name one, or a folder that holds one."),
            _ => throw DiagnosticCatalog.NoProject.Error(full, $"holds several: {string.Join(", ", candidates.Select(Path.GetFileName))}. Name one of them."),
        };
    }

    private static string[] Candidates(string folder, Func<string, bool> wanted) => [.. Directory.EnumerateFiles(folder).Where(wanted).Order(StringComparer.Ordinal)];

    public static bool IsSolution(string file) => s_solutions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);

    public static bool IsProject(string file) => Path.GetExtension(file) is { Length: > 4 } extension && extension.EndsWith("proj", StringComparison.OrdinalIgnoreCase);
}
