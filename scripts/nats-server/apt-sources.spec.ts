import { chooseSource, parseListFile, parseOsRelease, parseSourcesFile } from './apt-sources.mjs';

describe('one-line sources', () => {
  it('gives the uri, suite and components of each binary source', () => {
    const text = [
      '# deb http://mirror.test/old bookworm main',
      'deb http://mirror.test/debian bookworm main contrib # the release',
      'deb-src http://mirror.test/debian bookworm main',
      'deb [arch=amd64 signed-by=/keys/debian.gpg] http://mirror.test/debian bookworm-updates main',
    ].join('\n');

    expect(parseListFile(text)).toEqual([
      { uri: 'http://mirror.test/debian', suites: ['bookworm'], components: ['main', 'contrib'] },
      {
        uri: 'http://mirror.test/debian',
        suites: ['bookworm-updates'],
        components: ['main'],
        signedBy: '/keys/debian.gpg',
      },
    ]);
  });
});

describe('deb822 sources', () => {
  it('reads stanzas with comments inside, folded values and names in any case', () => {
    const text = [
      'Types: deb deb-src',
      '# a comment in the middle of a stanza',
      'URIs: http://mirror.test/debian',
      'suites: bookworm',
      '  bookworm-updates',
      'Components: main',
      'Signed-By: /keys/debian.gpg',
      '',
      'Types: deb',
      'URIs: http://mirror.test/security',
      'Suites: bookworm-security',
      'Components: main',
      '',
    ].join('\n');

    expect(parseSourcesFile(text)).toEqual([
      {
        uri: 'http://mirror.test/debian',
        suites: ['bookworm', 'bookworm-updates'],
        components: ['main'],
        signedBy: '/keys/debian.gpg',
      },
      { uri: 'http://mirror.test/security', suites: ['bookworm-security'], components: ['main'] },
    ]);
  });

  it('leaves out what is switched off and what has sources only', () => {
    const off = 'Enabled: no\nTypes: deb\nURIs: http://mirror.test/a\nSuites: bookworm\nComponents: main\n';
    const sourcesOnly = 'Types: deb-src\nURIs: http://mirror.test/b\nSuites: bookworm\nComponents: main\n';

    expect(parseSourcesFile(`${off}\n${sourcesOnly}`)).toEqual([]);
  });

  it('does not take a key for the path of one', () => {
    const text = [
      'Types: deb',
      'URIs: http://mirror.test/debian',
      'Suites: bookworm',
      'Components: main',
      'Signed-By:',
      ' -----BEGIN PGP PUBLIC KEY BLOCK-----',
      ' .',
      ' mQINBFit2ioBEADhWpZ8',
      ' -----END PGP PUBLIC KEY BLOCK-----',
    ].join('\n');

    expect(parseSourcesFile(text)).toEqual([
      { uri: 'http://mirror.test/debian', suites: ['bookworm'], components: ['main'] },
    ]);
  });
});

describe('the source of the release', () => {
  const security = { uri: 'http://mirror.test/security', suites: ['bookworm-security'], components: ['main'] };
  const release = { uri: 'http://mirror.test/debian', suites: ['bookworm', 'bookworm-updates'], components: ['main'] };

  it('is the one that carries the release itself', () => {
    expect(chooseSource([security, release], ['bookworm', 'stable'])).toBe(release);
  });

  it('may name the release by how stable it is', () => {
    const stable = { ...release, suites: ['stable'] };
    expect(chooseSource([stable], ['bookworm', 'stable'])).toBe(stable);
  });

  it('is not a disc, nor one of another vendor', () => {
    const disc = { ...release, uri: 'cdrom:[Debian]/' };
    const vendor = { ...release, components: ['tools'] };
    expect(chooseSource([disc, vendor, security], ['bookworm'])).toBeUndefined();
  });
});

describe('os-release', () => {
  it('is read with and without quotes', () => {
    const text =
      'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_CODENAME=bookworm\nID_LIKE="ubuntu debian"\n';

    expect(parseOsRelease(text)).toMatchObject({
      ID: 'debian',
      VERSION_CODENAME: 'bookworm',
      ID_LIKE: 'ubuntu debian',
    });
  });
});
