using System.Text.Json;
using System.Text.Json.Serialization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Stages.Reports;
using Haq.Engine.Reporting.Facts;

namespace Haq.Engine.Pipeline.LockFiles;

/// <summary>
/// What <c>haq.lock.json</c> holds: what was read, what was decided, what came of it. Committed to source control; a locked build rebuilds from it
/// without searching.
/// </summary>
public sealed record LockFile
{
    /// <summary>The version of this format.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Format version.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The engine that decided.</summary>
    public required LockedEngine Engine { get; init; }

    /// <summary>SHA-256 of everything read, by role: <c>model</c>, <c>manifest</c>, <c>hardware</c>, <c>data.calibration</c>, ….</summary>
    public required SortedDictionary<string, LockedInput> Inputs { get; init; }

    /// <summary>What the manifest said, by path of its keys.</summary>
    public SortedDictionary<string, string>? Manifest { get; init; }

    /// <summary>Strategy, seed and how far the search came.</summary>
    public required LockedSearch Search { get; init; }

    /// <summary>The bits of every layer, in execution order.</summary>
    public required IReadOnlyList<LockedLayer> Policy { get; init; }

    /// <summary>The activation quantizers, by tensor.</summary>
    public required SortedDictionary<string, LockedScale> Scales { get; init; }

    /// <summary>What the simulator predicts.</summary>
    public required LockedCost Predicted { get; init; }

    /// <summary>What was measured on the images that no choice was made on.</summary>
    public required LockedAccuracy Measured { get; init; }

    /// <summary>What was measured and chosen on a target that is measured, and on which machine; null elsewhere.</summary>
    public RegionRecord? Regions { get; init; }

    /// <summary>The best candidates as whole files on the device, predicted and measured; null where none was measured there.</summary>
    public DeviceFacts? Device { get; init; }

    /// <summary>Why the device had nothing to decide though the manifest asks it; null where it had, or is not asked.</summary>
    public string? NothingToMeasure { get; init; }

    /// <summary>What was left wider than the choice had it; null where nothing was.</summary>
    public MendingFacts? Mending { get; init; }

    /// <summary>How far the furthest output was from float; null where it was not looked at.</summary>
    public AgreementFacts? Agreement { get; init; }

    /// <summary>SHA-256 of the exported model.</summary>
    public required string Output { get; init; }

    /// <summary>SHA-256 of the tuned weights that the export used; null when they follow from model and policy alone.</summary>
    public string? Weights { get; init; }

    /// <summary>Reads a lock file; null when there is none.</summary>
    /// <exception cref="HaqException">It is not a lock file of a known version (HAQ0802).</exception>
    public static LockFile? Read(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            OrdinaryFile.Require(path);
            byte[] content = File.ReadAllBytes(path);
            if (VersionOf(content) is > CurrentVersion and var newer)
            {
                throw DiagnosticCatalog.LockUnreadable.Error(
                    path, $"was written by a newer Haq.Build: it is of format version {newer}, and this one knows {CurrentVersion}. Update the package here to the one that the project uses; do not delete the file.");
            }
            var read = JsonSerializer.Deserialize(WithoutMark(content), LockFileJson.Default.LockFile);
            if (read is { Version: CurrentVersion }) return read;
            throw DiagnosticCatalog.LockUnreadable.Error(path, $"is of format version {read?.Version}, expected {CurrentVersion}. Delete it and build again.");
        }
        catch (JsonException e)
        {
            var at = new SourceLocation(path, (int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1);
            throw DiagnosticCatalog.LockUnreadable.Error(at, "is not a lock file; perhaps a merge went wrong. Restore it from source control, or delete it and build again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCatalog.LockUnreadable.Error(path, $"cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    // Some editors begin a file with the mark of UTF-8.
    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> content) => content.StartsWith("\uFEFF"u8) ? content[3..] : content;

    // A newer format may lack what this one requires, so that its version is asked for alone.
    private static int VersionOf(ReadOnlySpan<byte> content)
    {
        var reader = new Utf8JsonReader(WithoutMark(content));
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("version", out var version)
            && version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out int number) ? number : 0;
    }

    /// <summary>Writes the file whole, unless it holds the same already.</summary>
    /// <returns>Whether it was written.</returns>
    /// <exception cref="HaqException">It cannot be written (HAQ0801).</exception>
    public bool Write(string path)
    {
        byte[] content = [.. JsonSerializer.SerializeToUtf8Bytes(this, LockFileJson.Default.LockFile), (byte)'\n'];
        return AtomicFile.Write(path, content);
    }

    /// <summary>A lock file's bytes with the line ends that the file at <paramref name="path"/> has: a checkout on Windows may have made them CR LF.</summary>
    internal static byte[] InStyleOf(string path, byte[] content)
    {
        if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().Contains((byte)'\r')) return content;
        return [.. content.SelectMany(b => b == '\n' ? "\r\n"u8.ToArray() : [b])];
    }

    /// <summary>The names of the inputs whose content differs from <paramref name="current"/>; data that is not there is left out of the comparison.</summary>
    public IReadOnlyList<string> Outdated(IReadOnlyDictionary<string, LockedInput> current) =>
        [.. Inputs.Keys.Union(current.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Where(role => !Same(Inputs.GetValueOrDefault(role), current.GetValueOrDefault(role)))];

    private static bool Same(LockedInput? locked, LockedInput? now) =>
        now is { Sha256: null } ? locked is not null : locked?.Sha256 == now?.Sha256;
}

/// <summary>Serialization without reflection.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NewLine = "\n", UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip)]
[JsonSerializable(typeof(LockFile))]
internal sealed partial class LockFileJson : JsonSerializerContext;
