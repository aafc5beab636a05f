using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Haq.Build.Tasks;

/// <summary>Warns where a file of this project's models and another file go to the same place in the output folder.</summary>
[MSBuildMultiThreadableTask]
public sealed class HaqFindClashes : Task
{
    /// <summary>What this project's models are, with their target paths.</summary>
    [Required]
    public ITaskItem[] Outputs { get; set; } = Array.Empty<ITaskItem>();

    /// <summary>All that is copied to the output folder, from this project and those that it references, with its target paths.</summary>
    [Required]
    public ITaskItem[] Copied { get; set; } = Array.Empty<ITaskItem>();

    /// <inheritdoc/>
    public override bool Execute()
    {
        var others = Copied.ToLookup(item => Target(item), StringComparer.OrdinalIgnoreCase);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var output in Outputs)
        {
            string ours = Path.GetFullPath(output.GetMetadata("FullPath"));
            foreach (string theirs in others[Target(output)].Select(item => Path.GetFullPath(item.GetMetadata("FullPath"))))
            {
                if (theirs == ours || !seen.Add(theirs)) continue;
                Log.LogWarning(null, TaskDiagnostics.TargetClash, null, HelpPages.LinkTo(TaskDiagnostics.TargetClash), output.GetMetadata("HaqManifest"), 0, 0, 0, 0, "{0}",
                    "writes '" + ours + "' to '" + Target(output) + "' in the output folder, where '" + theirs
                    + "' goes as well: one of the two is lost there, and 'dotnet publish' refuses both. Give one of the manifests another 'output', or set Private=\"false\" on the reference.");
            }
        }
        return true;
    }

    private static string Target(ITaskItem item) => item.GetMetadata("TargetPath").Replace('\\', '/');
}
