using System.Runtime.CompilerServices;
using Haq.Engine.Diagnostics;
using Microsoft.Build.Construction;
using Microsoft.Build.Evaluation;
using Microsoft.Build.Exceptions;
using Microsoft.Build.Locator;

namespace Haq.Tool.Projects;

/// <summary>Asks MSBuild itself which manifests the projects of a solution build, so that conditions, imports and globs count as they do in a build.</summary>
internal static class ProjectManifests
{
    private const string ItemName = "HaqManifest";
    private static readonly string[] s_solutions = [".sln", ".slnx", ".slnf"];

    /// <summary>Every manifest of a project or of a solution's projects, in their order.</summary>
    /// <param name="path">A project or solution file, or a folder that holds one; empty for the current folder.</param>
    /// <exception cref="HaqException">There is no such file, not exactly one in the folder, no SDK, or MSBuild cannot evaluate it (HAQ0885, HAQ0886).</exception>
    public static IReadOnlyList<DeclaredManifest> Of(string path)
    {
        string file = Resolve(path);
        Register(file);
        return Evaluate(file);
    }

    private static string Resolve(string path)
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

    private static bool IsSolution(string file) => s_solutions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);

    private static bool IsProject(string file) => Path.GetExtension(file) is { Length: > 4 } extension && extension.EndsWith("proj", StringComparison.OrdinalIgnoreCase);

    private static void Register(string file)
    {
        if (MSBuildLocator.IsRegistered) return;
        try
        {
            // The SDK that a build in the project's folder would use: global.json counts.
            var options = new VisualStudioInstanceQueryOptions { DiscoveryTypes = DiscoveryType.DotNetSdk, WorkingDirectory = Path.GetDirectoryName(file)! };
            var sdk = MSBuildLocator.QueryVisualStudioInstances(options).FirstOrDefault()
                ?? throw DiagnosticCatalog.NoProject.Error(file, "no .NET SDK was found to evaluate it with. Install one, or name the haq.yaml itself.");
            MSBuildLocator.RegisterInstance(sdk);
        }
        catch (InvalidOperationException e)
        {
            throw DiagnosticCatalog.NoProject.Error(file, $"no .NET SDK can evaluate it: {e.Message} Install one, or name the haq.yaml itself.", e);
        }
    }

    // Its own method, never inlined: MSBuild's types must not be looked up before the SDK that holds them is registered.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static List<DeclaredManifest> Evaluate(string file)
    {
        using var projects = new ProjectCollection();
        try
        {
            var files = IsSolution(file) ? ProjectsOf(file) : [file];
            return [.. files.SelectMany(project => ManifestsOf(projects, project))];
        }
        catch (InvalidProjectFileException e)
        {
            var where = new SourceLocation(string.IsNullOrEmpty(e.ProjectFile) ? file : e.ProjectFile, e.LineNumber, e.ColumnNumber);
            throw DiagnosticCatalog.ProjectInvalid.Error(where, e.BaseMessage, e);
        }
    }

    private static IEnumerable<string> ProjectsOf(string solution) =>
        SolutionFile.Parse(solution).ProjectsInOrder
            .Where(p => p.ProjectType != SolutionProjectType.SolutionFolder && IsProject(p.AbsolutePath))
            .Select(p => Path.GetFullPath(p.AbsolutePath));

    private static IEnumerable<DeclaredManifest> ManifestsOf(ProjectCollection projects, string file)
    {
        var project = new Project(file, null, null, projects, ProjectLoadSettings.IgnoreMissingImports);
        string defaults = project.GetPropertyValue("HaqDefaultItemsFile");
        foreach (var item in project.GetItems(ItemName))
        {
            var place = item.Xml.Location;
            bool byDefault = defaults.Length > 0 && Path.GetFullPath(place.File) == Path.GetFullPath(defaults);
            yield return new DeclaredManifest(item.GetMetadataValue("FullPath"), file, new SourceLocation(place.File, place.Line, place.Column), byDefault);
        }
    }
}
