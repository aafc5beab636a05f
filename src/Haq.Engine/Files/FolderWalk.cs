using System;
using System.Collections.Generic;
using System.IO;

namespace Haq.Engine.Files;

/// <summary>The files below a folder, links followed. A folder that is reached twice, as a link to a folder above it would again and again, is walked once.</summary>
internal static class FolderWalk
{
    /// <summary>Relative path with forward slashes, and full path; in ordinal order of the relative path.</summary>
    /// <exception cref="IOException">A folder cannot be listed.</exception>
    public static SortedDictionary<string, string> Files(string root)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<Folder>();
        open.Push(new Folder(root, "", LinkTarget.Of(root) ?? root));
        while (open.Count > 0)
        {
            var folder = open.Pop();
            if (!seen.Add(folder.Real)) continue;
            string[] folders = Directory.GetDirectories(folder.Path);
            Array.Sort(folders, StringComparer.Ordinal);
            // Last in, first out: pushed backwards they are walked in order, so that it does not depend on the file system which way to a folder is taken.
            for (int i = folders.Length - 1; i >= 0; i--)
            {
                string name = Path.GetFileName(folders[i]);
                string? real = FileFacts.IsLink(folders[i]) ? LinkTarget.Of(folders[i]) : Path.Combine(folder.Real, name);
                if (real != null) open.Push(new Folder(folders[i], folder.Relative + name + "/", real));
            }
            foreach (string file in Directory.GetFiles(folder.Path)) files[folder.Relative + Path.GetFileName(file)] = file;
        }
        return files;
    }

    private readonly struct Folder
    {
        public Folder(string path, string relative, string real)
        {
            Path = path;
            Relative = relative;
            Real = real;
        }

        public string Path { get; }

        public string Relative { get; }

        public string Real { get; }
    }
}
