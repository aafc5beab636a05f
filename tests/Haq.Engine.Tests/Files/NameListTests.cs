using System.Globalization;
using Haq.Engine.Files;
using Haq.Engine.Numerics;

namespace Haq.Engine.Tests.Files;

public sealed class NameListTests
{
    [Fact]
    public void Names_come_back_in_ordinal_order_whatever_order_they_came_in()
    {
        // Surrogates before the last of the first plane, as in UTF-16; folders whose names begin alike; names that begin with others.
        string[] names = ["b/a.png", "b.png", "b-c/a.png", "a/b/c.png", "a/b.png", "a/b/c.jpg", "\uE000.png", "\U0001F600.png", "é/ü.png", "z", "", "b/", "\uFFFDx/1.png", "\U00010000/1.png"];
        var random = new SeededRandom(7);
        for (int round = 0; round < 20; round++)
        {
            var list = new NameList(4);
            foreach (int i in random.Permutation(names.Length)) list.Add(names[i], BitConverter.GetBytes(i));
            list.Sort();
            Assert.Equal(names.Order(StringComparer.Ordinal), list);
            byte[] data = new byte[4];
            for (int i = 0; i < names.Length; i++)
            {
                int at = list.IndexOf(names[i]);
                list.DataOf(at, data);
                Assert.Equal((names[i], i), (list[at], BitConverter.ToInt32(data)));
            }
            Assert.Equal(-1, list.IndexOf("b"));
        }
    }

    [Fact]
    public void A_name_of_ImageNet_takes_less_than_thirty_bytes()
    {
        var list = new NameList();
        for (int i = 0; i < 300_000; i++) list.Add(string.Create(CultureInfo.InvariantCulture, $"train/n{i / 1300:00000000}/n{i / 1300:00000000}_{i % 1300:00000}.JPEG"));
        list.Sort();
        Assert.Equal(300_000, list.Count);
        Assert.InRange(list.Bytes / (double)list.Count, 25, 33);
        Assert.Equal("train/n00000007/n00000007_00005.JPEG", list[7 * 1300 + 5]);
    }

    [Fact]
    public void A_million_folders_are_names_like_others()
    {
        var list = new NameList();
        for (int i = 1_050_000; i > 0; i--) list.Add(string.Create(CultureInfo.InvariantCulture, $"{i:0000000}/a.png"));
        list.Sort();
        Assert.Equal(("0000001/a.png", "1050000/a.png"), (list[0], list[^1]));
        Assert.Equal(776_000, list.IndexOf("0776001/a.png"));
    }
}
