using Haq.Engine.Files;

namespace Haq.Build.Protocol;

/// <summary>A file that a build produced.</summary>
internal sealed class BuildOutput
{
    /// <summary>The model itself, and files that it cannot be loaded without.</summary>
    public const string Model = "model";

    /// <summary>A report about it.</summary>
    public const string Report = "report";

    public BuildOutput(string kind, string target, string path, string manifest, FileRecord content)
    {
        Kind = kind;
        Target = target;
        Path = path;
        Manifest = manifest;
        Content = content;
    }

    /// <summary><see cref="Model"/> or <see cref="Report"/>.</summary>
    public string Kind { get; }

    /// <summary>Where it belongs below the output folder, with forward slashes.</summary>
    public string Target { get; }

    /// <summary>Where it is, absolute.</summary>
    public string Path { get; }

    /// <summary>The manifest that it was built from, absolute.</summary>
    public string Manifest { get; }

    /// <summary>What it held when it was made.</summary>
    public FileRecord Content { get; }

    /// <summary>The same output after another look.</summary>
    public BuildOutput With(FileRecord content) => new BuildOutput(Kind, Target, Path, Manifest, content);
}
