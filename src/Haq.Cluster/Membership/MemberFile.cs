using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Haq.Engine.Pipeline.Running;
using Orleans.Runtime;

namespace Haq.Cluster.Membership;

/// <summary>The members of a cluster on one machine, in a file that its processes share. Each has its process beside it, so that one that was killed is known to be dead at once.</summary>
internal sealed class MemberFile
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly string _path;

    public MemberFile(string path)
    {
        _path = path;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>What it holds. Of processes that are gone it says that they are dead.</summary>
    public MemberList Read()
    {
        var list = Load();
        return list with { Members = [.. list.Members.Select(m => m.IsGone ? m with { Status = SiloStatus.Dead } : m)] };
    }

    /// <summary>Changes it, while nobody else does.</summary>
    /// <param name="change">Gives the list that is to stand there, or null to leave it.</param>
    /// <returns>Whether it was changed.</returns>
    public bool Change(Func<MemberList, MemberList?> change)
    {
        using var limit = new CancellationTokenSource(s_patience);
        using var held = FileLock.Acquire(_path + ".lock", null, limit.Token);
        if (change(Read()) is not { } next) return false;
        string temporary = $"{_path}.{Environment.ProcessId}";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(next, MemberJson.Default.MemberList));
        File.Move(temporary, _path, overwrite: true);
        return true;
    }

    private MemberList Load()
    {
        try
        {
            return File.Exists(_path) ? JsonSerializer.Deserialize(File.ReadAllBytes(_path), MemberJson.Default.MemberList) ?? MemberList.Empty : MemberList.Empty;
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException)
        {
            // Somebody wrote over it by hand: whoever lives writes himself into it again.
            return MemberList.Empty;
        }
    }
}

/// <param name="Version">Counts changes.</param>
/// <param name="Members">Who was ever there.</param>
internal sealed record MemberList(int Version, IReadOnlyList<Member> Members)
{
    public static MemberList Empty { get; } = new(0, []);
}

/// <summary>One of them, as Orleans describes it, and its process.</summary>
internal sealed record Member
{
    public required string Address { get; init; }

    public required SiloStatus Status { get; init; }

    public required int ProxyPort { get; init; }

    public required string HostName { get; init; }

    public required string SiloName { get; init; }

    public required DateTime Start { get; init; }

    public required DateTime Alive { get; init; }

    public required IReadOnlyList<Suspicion> Suspicions { get; init; }

    public required int Etag { get; init; }

    public required int Process { get; init; }

    public required DateTime ProcessStart { get; init; }

    [JsonIgnore]
    public bool IsGone
    {
        get
        {
            try
            {
                using var process = System.Diagnostics.Process.GetProcessById(Process);
                return Math.Abs((process.StartTime.ToUniversalTime() - ProcessStart).TotalSeconds) > 2;
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                return true;
            }
        }
    }

    public static (int Id, DateTime Start) ThisProcess()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return (process.Id, process.StartTime.ToUniversalTime());
    }
}

/// <param name="By">Who suspects it.</param>
/// <param name="Since">Since when.</param>
internal sealed record Suspicion(string By, DateTime Since);

/// <summary>Serialization without reflection.</summary>
[JsonSerializable(typeof(MemberList))]
internal sealed partial class MemberJson : JsonSerializerContext;
