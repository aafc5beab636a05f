namespace Haq.Engine.Reporting.Checks;

/// <summary>Paths as code hosts know them: relative to the repository's root, with forward slashes.</summary>
public static class RepositoryPath
{
    /// <summary>The path below the nearest folder that holds <c>.git</c>; below <paramref name="current"/> where there is none; the file's name where it is outside of both.</summary>
    public static string Of(string path, string current)
    {
        string full = Path.GetFullPath(path, current);
        string root = current;
        for (var folder = Directory.GetParent(full); folder is not null; folder = folder.Parent)
        {
            string git = Path.Combine(folder.FullName, ".git");
            // A file instead of a folder marks a work tree.
            if (!Directory.Exists(git) && !File.Exists(git)) continue;
            root = folder.FullName;
            break;
        }
        string relative = Path.GetRelativePath(root, full).Replace('\\', '/');
        return Path.IsPathRooted(relative) || relative.StartsWith("../", StringComparison.Ordinal) ? Path.GetFileName(full) : relative;
    }
}
