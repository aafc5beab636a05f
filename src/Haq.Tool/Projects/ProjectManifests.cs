using System.Runtime.CompilerServices;
using Haq.Engine.Diagnostics;
using Microsoft.Build.Construction;
using Microsoft.Build.Evaluation;
using Microsoft.Build.Exceptions;

namespace Haq.Tool.Projects;

/// <summary>Asks MSBuild itself which manifests the projects of a solution build, so that conditions, imports and globs count as they do in a build.</summary>
internal static class ProjectManifests
{
    private const string ItemName = "HaqManifest";

    /// <summary>Every manifest of a project or of a solution's projects, in their order.</summary>
    /// <param name="path">A project or solution file, or a folder that holds one; empty for the current folder.</param>
    /// <exception cref="HaqException">There is no such file, not exactly one in the folder, no SDK, or MSBuild cannot evaluate it (HAQ0885, HAQ0886).</exception>
    public static IReadOnlyList<DeclaredManifest> Of(string path)
    {
        string file = ProjectFiles.Resolve(path);
        SdkRegistration.Ensure(file);
        return Evaluate(file);
    }

    // Its own method, never inlined: MSBuild's types must not be looked up before the SDK that holds them is registered.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static List<DeclaredManifest> Evaluate(string file)
    {
        using var projects = new ProjectCollection();
        try
        {
            var files = ProjectFiles.IsSolution(file) ? ProjectsOf(file) : [file];
            return [.. files.SelectMany(project => ManifestsOf(projects, project))];
        }
        catch (InvalidProjectFileException e)
        {
            throw ProjectErrors.Invalid(file, e);
        }
    }

    private static IEnumerable<string> ProjectsOf(string solution) =>
        SolutionFile.Parse(solution).ProjectsInOrder
            .Where(p => p.ProjectType != SolutionProjectType.SolutionFolder && ProjectFiles.IsProject(p.AbsolutePath))
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
