using Haq.Engine.Diagnostics;
using Microsoft.Build.Exceptions;

namespace Haq.Tool.Projects;

/// <summary>MSBuild's complaints as ours.</summary>
internal static class ProjectErrors
{
    /// <summary>HAQ0886, at the place that MSBuild names.</summary>
    public static HaqException Invalid(string file, InvalidProjectFileException e)
    {
        var where = new SourceLocation(string.IsNullOrEmpty(e.ProjectFile) ? file : e.ProjectFile, e.LineNumber, e.ColumnNumber);
        return DiagnosticCatalog.ProjectInvalid.Error(where, e.BaseMessage, e);
    }
}
