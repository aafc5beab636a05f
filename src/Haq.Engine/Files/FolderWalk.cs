using System;
using System.Collections.Generic;
using System.IO;

namespace Haq.Engine.Files;

/// <summary>The files below a folder, links followed. A folder that is reached twice, as a link to a folder above it would again and again, is walked once.</summary>
internal static class FolderWalk
{
    /// <summary>Relative paths with forward slashes, in ordinal order.</summary>
    /// <exception cref="IOException">A folder cannot be listed.</exception>
    public static NameList Files(string root)
    {
        var names = new NameList();
        foreach (var file in Each(root)) names.Add(file.Relative);
        names.Sort();
        return names;
    }

    /// <summary>The relative path with forward slashes, and the full path, one after the other as the file system lists them.</summary>
    /// <exception cref="IOException">A folder cannot be listed.</exception>
    public static IEnumerable<(string Relative, string Path)> Each(string root)
    {
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
            foreach (string file in Directory.EnumerateFiles(folder.Path)) yield return (folder.Relative + Path.GetFileName(file), file);
        }
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
