using System.Runtime.CompilerServices;
using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Outputs;
using Microsoft.Build.Construction;
using Microsoft.Build.Evaluation;
using Microsoft.Build.Exceptions;

namespace Haq.Tool.Projects;

/// <summary>
/// Makes a project build a manifest: adds the package and, where the default glob does not reach the manifest, an item that names it. What is there
/// already stays as it is, formatting included.
/// </summary>
internal static class ProjectEdit
{
    private const string PackageId = "Haq.Build", ManifestItem = "HaqManifest";

    /// <param name="path">A project, or a folder that holds one.</param>
    /// <param name="manifest">The haq.yaml, absolute.</param>
    /// <param name="version">Version of the package.</param>
    /// <returns>What was changed, a line each; empty where the project builds the manifest already.</returns>
    /// <exception cref="HaqException">There is no such project (HAQ0885), MSBuild cannot evaluate it (HAQ0886), or a file cannot be written (HAQ0801).</exception>
    public static IReadOnlyList<string> Add(string path, string manifest, string version)
    {
        string file = ResolveProject(path);
        SdkRegistration.Ensure(file);
        return Edit(file, manifest, version);
    }

    /// <summary>The project that a path means.</summary>
    /// <exception cref="HaqException">There is none, or it is a solution (HAQ0885).</exception>
    public static string ResolveProject(string path)
    {
        string file = ProjectFiles.Resolve(path);
        return ProjectFiles.IsSolution(file)
            ? throw DiagnosticCatalog.NoProject.Error(file, "is a solution; name the project that is to build the model.")
            : file;
    }

    // Its own method, never inlined: MSBuild's types must not be looked up before the SDK that holds them is registered.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static List<string> Edit(string file, string manifest, string version)
    {
        using var projects = new ProjectCollection();
        try
        {
            var project = new Project(file, null, null, projects, ProjectLoadSettings.IgnoreMissingImports);
            var root = ProjectRootElement.Open(file, projects, preserveFormatting: true);
            var done = new List<string>();
            if (!Has(project, "PackageReference", PackageId))
            {
                bool central = IsTrue(project, "ManagePackageVersionsCentrally");
                var reference = Append(root, "PackageReference", PackageId);
                if (!central) reference.AddMetadata("Version", version, expressAsAttribute: true);
                reference.AddMetadata("PrivateAssets", "all", expressAsAttribute: true);
                if (central && !Has(project, "PackageVersion", PackageId)) done.Add(AddCentralVersion(project, projects, version));
                done.Add($"{file}: references {PackageId}{(central ? "" : " " + version)}");
            }
            if (!FoundByDefault(project, manifest) && !NamesManifest(project, manifest))
            {
                string relative = Path.GetRelativePath(project.DirectoryPath, manifest);
                Append(root, ManifestItem, relative);
                done.Add($"{file}: names {relative}");
            }
            Save(root);
            return done;
        }
        catch (InvalidProjectFileException e)
        {
            throw ProjectErrors.Invalid(file, e);
        }
    }

    private static string AddCentralVersion(Project project, ProjectCollection projects, string version)
    {
        string central = project.GetPropertyValue("DirectoryPackagesPropsPath");
        var root = ProjectRootElement.Open(central, projects, preserveFormatting: true);
        Append(root, "PackageVersion", PackageId).AddMetadata("Version", version, expressAsAttribute: true);
        Save(root);
        return $"{central}: {PackageId} {version}";
    }

    private static bool Has(Project project, string item, string name) =>
        project.GetItems(item).Any(i => string.Equals(i.EvaluatedInclude, name, StringComparison.OrdinalIgnoreCase));

    private static bool NamesManifest(Project project, string manifest) =>
        project.GetItems(ManifestItem).Any(i => string.Equals(i.GetMetadataValue("FullPath"), manifest, StringComparison.Ordinal));

    // The package's glob: every haq.yaml and *.haq.yaml below the project, unless the project turns default items off.
    private static bool FoundByDefault(Project project, string manifest)
    {
        string relative = Path.GetRelativePath(project.DirectoryPath, manifest);
        return !Path.IsPathRooted(relative) && !relative.StartsWith("..", StringComparison.Ordinal)
            && !IsFalse(project, "EnableDefaultItems") && !IsFalse(project, "EnableDefaultHaqItems");
    }

    private static bool IsTrue(Project project, string property) => string.Equals(project.GetPropertyValue(property), "true", StringComparison.OrdinalIgnoreCase);

    private static bool IsFalse(Project project, string property) => string.Equals(project.GetPropertyValue(property), "false", StringComparison.OrdinalIgnoreCase);

    private static ProjectItemElement Append(ProjectRootElement root, string type, string include)
    {
        var group = root.ItemGroups.LastOrDefault(g => g.Condition.Length == 0 && g.Items.Any(i => i.ItemType == type)) ?? root.AddItemGroup();
        return group.AddItem(type, include);
    }

    private static void Save(ProjectRootElement root)
    {
        if (!root.HasUnsavedChanges) return;
        byte[] preamble = root.Encoding.GetPreamble();
        bool marked = preamble.Length > 0 && File.ReadAllBytes(root.FullPath).AsSpan().StartsWith(preamble);
        var encoding = root.Encoding is UTF8Encoding ? new UTF8Encoding(false) : root.Encoding;
        AtomicFile.Write(root.FullPath, [.. marked ? preamble : [], .. encoding.GetBytes(root.RawXml)]);
    }
}
