using Haq.Engine.Diagnostics;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Shards;

/// <summary>A line of a list of shards.</summary>
/// <param name="File">The file or folder, and where the list names it.</param>
/// <param name="Count">How many samples it holds, where the list says so.</param>
/// <param name="Sha256">What its bytes are, where the list says so: 64 lower-case hexadecimal digits.</param>
internal sealed record Shard(FileReference File, int? Count, string? Sha256)
{
    /// <summary>Where the list says how many samples there are.</summary>
    public SourceLocation CountAt { get; init; }

    /// <summary>Where the list says the SHA-256.</summary>
    public SourceLocation Sha256At { get; init; }

    /// <summary>Holds the number of samples that were found against the list.</summary>
    /// <exception cref="HaqException">The list says another (HAQ0112).</exception>
    public int Checked(int found) => Count is null || Count == found
        ? found
        : throw DiagnosticCatalog.ShardDiffers.Error(CountAt, $"the list says {Count} samples in '{File.Text}', but it holds {found}. Was it copied completely? Correct the number, or leave it out.");

    /// <summary>Holds the SHA-256 that was found against the list.</summary>
    /// <exception cref="HaqException">The list says another (HAQ0112).</exception>
    public void CheckDigest(string found)
    {
        if (Sha256 is null || Sha256 == found) return;
        throw DiagnosticCatalog.ShardDiffers.Error(Sha256At, Directory.Exists(File.FullPath)
            ? $"'{File.Text}' is a folder, which has no SHA-256: leave it out, or list an archive."
            : $"the SHA-256 of '{File.Text}' is {found}, not what the list says. Get the shard that is meant, or correct the list.");
    }
}
