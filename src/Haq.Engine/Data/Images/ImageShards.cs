using System.Collections.Immutable;
using Haq.Engine.Data.Shards;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Images;

/// <summary>Folders and archives of images, one after the other, of which a few are open at a time.</summary>
internal sealed class ImageShards : IImageFiles
{
    // An index of 27 bytes an image, and a handle.
    private const int MostOpen = 8;

    private readonly ImmutableArray<Shard> _shards;
    private readonly FewOpen<IImageFiles> _open;
    private readonly ShardStarts _starts;

    public ImageShards(FileReference list, ImmutableArray<Shard> shards, Func<FileReference, IImageFiles> open, ListingProgress? watch)
    {
        _shards = shards;
        _open = new FewOpen<IImageFiles>(i =>
        {
            var files = open(shards[i].File);
            try
            {
                shards[i].Checked(files.Count);
                return files;
            }
            catch
            {
                files.Dispose();
                throw;
            }
        }, MostOpen);
        try
        {
            int[] counts = new int[shards.Length];
            for (int i = 0; i < shards.Length; i++)
            {
                watch?.Shard(i, shards.Length);
                using var files = shards[i].Count is null ? _open.Take(i) : null;
                counts[i] = shards[i].Count ?? files!.Value.Count;
            }
            _starts = ShardedSource.Starts(list, counts);
        }
        catch
        {
            _open.Dispose();
            throw;
        }
    }

    public int Count => _starts.Count;

    public string NameOf(int image)
    {
        var (shard, own) = _starts.Find(image);
        using var files = _open.Take(shard);
        return $"{_shards[shard].File.Text}/{files.Value.NameOf(own)}";
    }

    public byte[] Read(int image)
    {
        var (shard, own) = _starts.Find(image);
        using var files = _open.Take(shard);
        return files.Value.Read(own);
    }

    public string Stamp(int image)
    {
        var (shard, own) = _starts.Find(image);
        using var files = _open.Take(shard);
        return files.Value.Stamp(own);
    }

    public TextReader? Text(string path) => null;

    public IEnumerable<(IImageFiles Files, FileReference Name, int First)> Parts(FileReference set)
    {
        for (int i = 0; i < _shards.Length; i++)
        {
            using var files = _open.Take(i);
            yield return (files.Value, _shards[i].File, _starts[i]);
        }
    }

    public void Dispose() => _open.Dispose();
}
