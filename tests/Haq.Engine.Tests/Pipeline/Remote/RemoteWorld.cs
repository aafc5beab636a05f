using System.Runtime.InteropServices;
using Haq.Engine.Numerics;
using Haq.Engine.Pipeline.Remote;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Uploading;

namespace Haq.Engine.Tests.Pipeline.Remote;

/// <summary>Machines that share a server, each with a local cache of its own.</summary>
internal sealed class RemoteWorld : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<RemoteCache> _open = [];

    public string this[string file] => _folder[file];

    public void Dispose()
    {
        foreach (var remote in _open) remote.Dispose();
        _folder.Dispose();
    }

    public static StageKey Key(string text, string stage = "stage")
    {
        using var builder = new StageKeyBuilder(stage, 1);
        return builder.Add("what", text).Build();
    }

    /// <summary>Bytes that do not compress.</summary>
    public static byte[] Noise(int count)
    {
        byte[] bytes = new byte[count];
        var random = new SeededRandom(1);
        var words = MemoryMarshal.Cast<byte, ulong>(bytes.AsSpan());
        for (int i = 0; i < words.Length; i++) words[i] = random.NextBits();
        return bytes;
    }

    public static RemoteSettings Settings(string address, params (string Name, string Value)[] variables) =>
        RemoteSettings.Read(address, null, name => variables.FirstOrDefault(v => v.Name == name).Value)!;

    /// <summary>A machine's cache, with the server behind it.</summary>
    public StageCache Machine(string name, RemoteSettings settings)
    {
        var remote = new RemoteCache(settings, _folder[name]);
        _open.Add(remote);
        return new StageCache(_folder[name]) { Remote = remote };
    }

    /// <summary>Makes an entry, or takes it from where it is, as a run does.</summary>
    public static (string Folder, bool IsMade) Get(StageCache cache, StageKey key, params (string Name, byte[] Content)[] files)
    {
        bool isMade = false;
        string folder = cache.GetOrCreate(key, to =>
        {
            isMade = true;
            foreach (var (name, content) in files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, name))!);
                File.WriteAllBytes(Path.Combine(to, name), content);
            }
        }, null, CancellationToken.None);
        if (isMade) cache.Remote!.Offer(key.ToString());
        return (folder, isMade);
    }

    public UploadResult Send(string machine, RemoteSettings settings) => new UploadDrain(new StageCache(_folder[machine]), settings).Run(_ => { }, CancellationToken.None);
}
