using System.Security.Cryptography;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Tests;

namespace Haq.Cluster.Tests.Subjects;

/// <summary>What lies under a digest has that digest, whatever was sent, how often and in which order.</summary>
public sealed class PartStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Bytes_that_come_twice_or_too_early_change_nothing()
    {
        var store = new PartStore(_folder["store"], 1 << 20);
        var (part, bytes) = Part(1, 1000);
        Assert.Equal(0, store.Append(part, 400, bytes.AsSpan(400, 100)));
        Assert.Equal(400, store.Append(part, 0, bytes.AsSpan(0, 400)));
        Assert.Equal(400, store.Append(part, 0, bytes.AsSpan(0, 400)));
        Assert.Equal(400, store.Append(part, 700, bytes.AsSpan(700)));
        Assert.False(store.Has(part));
        Assert.Equal(1000, store.Append(part, 400, bytes.AsSpan(400)));
        Assert.True(store.Has(part));
        Assert.Equal(1000, store.Append(part, 0, bytes.AsSpan(0, 400)));
        Assert.Equal(bytes, File.ReadAllBytes(store.PathOf(part)));
    }

    [Fact]
    public void Poison_is_thrown_away_and_the_right_bytes_are_taken_afterwards()
    {
        var store = new PartStore(_folder["store"], 1 << 20);
        var (part, bytes) = Part(1, 100);
        byte[] poison = [.. bytes];
        poison[50] ^= 1;
        Assert.Throws<InvalidDataException>(() => store.Append(part, 0, poison));
        Assert.Throws<InvalidDataException>(() => store.Append(part, 0, [.. bytes, 0]));
        Assert.False(store.Has(part));
        Assert.Equal(100, store.Append(part, 0, bytes));
        Assert.True(store.Has(part));
    }

    [Fact]
    public void Another_process_finds_what_was_kept_unless_it_was_damaged()
    {
        var ((part, bytes), (other, more)) = (Part(1, 100), Part(2, 100));
        var first = new PartStore(_folder["store"], 1 << 20);
        first.Append(part, 0, bytes);
        first.Append(other, 0, more);
        File.WriteAllBytes(first.PathOf(other), [.. more.Reverse()]);
        var second = new PartStore(_folder["store"], 1 << 20);
        Assert.True(second.Has(part));
        Assert.False(second.Has(other));
        Assert.False(File.Exists(second.PathOf(other)));
    }

    [Fact]
    public void What_was_not_used_for_longest_makes_room_and_what_is_held_does_not()
    {
        var store = new PartStore(_folder["store"], 350);
        var parts = Enumerable.Range(1, 4).Select(i => Part(i, 100)).ToList();
        for (int i = 0; i < 3; i++)
        {
            store.Append(parts[i].Part, 0, parts[i].Bytes);
            File.SetLastWriteTimeUtc(store.PathOf(parts[i].Part), new DateTime(2026, 1, 1 + i, 0, 0, 0, DateTimeKind.Utc));
        }
        store.Hold([parts[0].Part]);
        store.Append(parts[3].Part, 0, parts[3].Bytes);
        Assert.Equal([true, false, true, true], parts.Select(p => File.Exists(store.PathOf(p.Part))));
        store.Release([parts[0].Part]);
        store.Hold(parts.Skip(2).Select(p => p.Part));
        store.Append(parts[1].Part, 0, parts[1].Bytes);
        Assert.Equal([false, true, true, true], parts.Select(p => File.Exists(store.PathOf(p.Part))));
    }

    [Fact]
    public void What_cannot_fit_is_an_error_that_says_so()
    {
        var store = new PartStore(_folder["store"], 350);
        var (part, bytes) = Part(1, 400);
        var thrown = Assert.Throws<HaqException>(() => store.Append(part, 0, bytes));
        Assert.Equal(DiagnosticCatalog.WorkerFull, thrown.Diagnostic.Descriptor);
        Assert.Contains("--cache-limit", thrown.Diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_is_no_digest_names_no_file()
    {
        var store = new PartStore(_folder["store"], 350);
        foreach (string name in (string[])["../../etc/passwd", "", "ABC", new string('g', 64)])
            Assert.Throws<InvalidDataException>(() => store.Append(new SubjectPart(name, 1), 0, [0]));
        Assert.Throws<InvalidDataException>(() => store.Append(new SubjectPart(new string('a', 64), -1), 0, []));
    }

    private static (SubjectPart Part, byte[] Bytes) Part(int seed, int length)
    {
        byte[] bytes = [.. Enumerable.Range(0, length).Select(i => (byte)(i * seed))];
        return (new SubjectPart(Convert.ToHexStringLower(SHA256.HashData(bytes)), length), bytes);
    }
}
