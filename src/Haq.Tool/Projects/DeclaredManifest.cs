using Haq.Engine.Diagnostics;

namespace Haq.Tool.Projects;

/// <summary>A manifest that a project builds.</summary>
/// <param name="Manifest">The haq.yaml, absolute.</param>
/// <param name="Project">The project file, absolute.</param>
/// <param name="DeclaredAt">The item that names it: in the project, in a file that it imports, or in the package for what is found by default.</param>
/// <param name="ByDefault">Whether no item of the project names it: it was found because it lies there.</param>
internal sealed record DeclaredManifest(string Manifest, string Project, SourceLocation DeclaredAt, bool ByDefault);
